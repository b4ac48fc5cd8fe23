using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>
/// Settings below /proc/sys/net of the calling thread's network namespace, ip-sysctl in the kernel's documentation.
/// Written through an fd that is verified to be on a procfs.
/// </summary>
internal static class NetworkSysctl
{
    /// <summary>Lets the host pass packets on between its interfaces.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void EnableForwarding() => Set("net/ipv4/ip_forward", "1"u8);

    /// <summary>
    /// Lets the host pass IPv6 packets on. A router does not listen to other routers' advertisements, and the host must not lose
    /// its own way out by that: interfaces that listen now go on doing so.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void EnableForwarding6()
    {
        if (Get("net/ipv6/conf/all/forwarding") == "1")
            return;
        foreach (string folder in Directory.EnumerateDirectories("/proc/sys/net/ipv6/conf"))
        {
            string link = Path.GetFileName(folder);
            if (link is not ("all" or "default" or "lo") && Get($"net/ipv6/conf/{link}/accept_ra") == "1" && Get($"net/ipv6/conf/{link}/forwarding") == "0")
                Set($"net/ipv6/conf/{link}/accept_ra", "2"u8, mayBeMissing: true);
        }
        Set("net/ipv6/conf/all/forwarding", "1"u8);
    }

    /// <summary>Turns IPv6 on for that interface, without router advertisements and without a second's wait for other owners of its address.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void EnableIpv6(string link)
    {
        Set($"net/ipv6/conf/{link}/accept_ra", "0"u8);
        Set($"net/ipv6/conf/{link}/accept_dad", "0"u8);
        Set($"net/ipv6/conf/{link}/disable_ipv6", "0"u8);
    }

    /// <summary>Lets answers to 127.0.0.1 come in by that interface; the firewall keeps everything else of it out.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void RouteLoopback(string link) => Set($"net/ipv4/conf/{link}/route_localnet", "1"u8);

    /// <summary>Turns IPv6 and router advertisements off for that interface, <c>all</c> or <c>default</c>; nothing where the kernel has no IPv6.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void DisableIpv6(string link)
    {
        Set($"net/ipv6/conf/{link}/disable_ipv6", "1"u8, mayBeMissing: true);
        Set($"net/ipv6/conf/{link}/accept_ra", "0"u8, mayBeMissing: true);
    }

    /// <summary>Whether br_netfilter is loaded and hands switched packets to the firewall.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool BridgesAreFiltered() => FileIo.TryReadText("/proc/sys/net/bridge/bridge-nf-call-iptables")?.TrimEnd() == "1";

    private static string Get(string name)
    {
        using VerifiedProcfs procfs = VerifiedProcfs.FromFolder("/proc");
        return Encoding.ASCII.GetString(procfs.Read($"sys/{name}").AsSpan().TrimEnd((byte)'\n'));
    }

    // Reads first: on most hosts and most starts everything is as it should be.
    private static void Set(string name, ReadOnlySpan<byte> value, bool mayBeMissing = false)
    {
        using VerifiedProcfs procfs = VerifiedProcfs.FromFolder("/proc");
        try
        {
            if (!procfs.Read($"sys/{name}").AsSpan().TrimEnd((byte)'\n').SequenceEqual(value))
                procfs.Write($"sys/{name}", value);
        }
        catch (LinuxException e) when (mayBeMissing && e.Errno == Errno.ENOENT)
        {
            return; // the kernel does not have what is to be off
        }
    }
}
