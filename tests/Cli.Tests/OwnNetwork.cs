using System.Runtime.CompilerServices;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>
/// A network namespace for all tests of this program: the engines of their roots make bridges, rules and routes there, and all of it ends
/// with the program, whatever happens to a test.
/// </summary>
internal static class OwnNetwork
{
    private const int Loopback = 1; // the kernel makes it first in every network namespace

    // Before there is another thread: each starts in its creator's namespace.
    [ModuleInitializer]
    internal static void Enter()
    {
        if (Sys.geteuid() != 0)
            return; // these tests skip themselves
        LinuxException.ThrowIfError(Sys.unshare(CLONE.NEWNET), "unshare", "network namespace");
        using RouteSocket routes = RouteSocket.Open();
        NetlinkBatch batch = new();
        RouteSocket.SetUp(batch, Loopback, "lo");
        routes.Execute(batch);
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "50000 60999"); // else a client of one test has the port that another publishes
    }

    /// <summary>Whether an interface is there. Not by /sys, which shows the namespace that it was mounted in.</summary>
    public static bool Has(string link)
    {
        using RouteSocket routes = RouteSocket.Open();
        return routes.TryGetLink(link) is not null;
    }
}
