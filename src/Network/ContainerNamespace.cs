using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>
/// A container's network namespace with a socket inside, so that its interfaces are set up from outside. It lives as
/// long as the fd or a process in it; there is no name for it in the file system to leave behind.
/// </summary>
public sealed class ContainerNamespace : IDisposable
{
    private const int Loopback = 1; // the kernel makes it first in every network namespace

    private ContainerNamespace(OwnedFd fd, RouteSocket routes) => (Fd, Routes) = (fd, routes);

    /// <summary>The namespace, for setns(2) and for the supervisor to inherit.</summary>
    public OwnedFd Fd { get; }

    /// <summary>Links, addresses and routes inside.</summary>
    internal RouteSocket Routes { get; }

    /// <summary>
    /// Makes a namespace, without IPv6 as long as networks have IPv4 only: a router advertisement from a neighbour must
    /// not give the container a way out that nobody planned (CVE-2020-13401).
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ContainerNamespace Create()
    {
        RouteSocket? routes = null;
        try
        {
            OwnedFd fd = NetworkNamespace.Create(() =>
            {
                NetworkSysctl.DisableIpv6("all");
                NetworkSysctl.DisableIpv6("default");
                routes = RouteSocket.Open();
            });
            return new ContainerNamespace(fd, routes!);
        }
        catch
        {
            routes?.Dispose();
            throw;
        }
    }

    /// <summary>Takes a namespace that the container's first process has made, in a user namespace of its own; without IPv6 as well.</summary>
    /// <param name="pid">The process, which waits for its start.</param>
    /// <exception cref="LinuxException">The kernel refused, or it is gone.</exception>
    public static ContainerNamespace Of(int pid)
    {
        OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/ns/net", O.RDONLY);
        try
        {
            RouteSocket routes = NetworkNamespace.Run(fd, () =>
            {
                NetworkSysctl.DisableIpv6("all");
                NetworkSysctl.DisableIpv6("default");
                return RouteSocket.Open();
            });
            return new ContainerNamespace(fd, routes);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>Enters the namespace of a running container, as it is.</summary>
    /// <param name="pid">A process in it.</param>
    /// <exception cref="LinuxException">The kernel refused, or it is gone.</exception>
    public static ContainerNamespace Enter(int pid)
    {
        OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/ns/net", O.RDONLY);
        try
        {
            return new ContainerNamespace(fd, NetworkNamespace.Run(fd, RouteSocket.Open));
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>Enters the namespace that another process keeps open for a container, without being in it.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>Null where it keeps none.</returns>
    /// <exception cref="LinuxException">The kernel refused, or the process is gone.</exception>
    public static ContainerNamespace? TryEnterHeldBy(int pid)
    {
        using OwnedFd files = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/fd", O.RDONLY | O.DIRECTORY);
        string own = LinkIn(Sys.AT_FDCWD, $"/proc/{pid}/ns/net");
        foreach (string name in FolderList.Of(files.Value, "open files"))
        {
            string link = LinkIn(files.Value, name);
            if (!link.StartsWith("net:[", StringComparison.Ordinal) || link == own)
                continue;
            // Without waiting: by now it may be another file, in which nobody can be.
            OwnedFd fd = FileIo.Open(files.Value, name, O.RDONLY | O.NONBLOCK);
            try
            {
                return new ContainerNamespace(fd, NetworkNamespace.Run(fd, RouteSocket.Open));
            }
            catch
            {
                fd.Dispose();
                throw;
            }
        }
        return null;
    }

    // Empty where it is gone.
    private static string LinkIn(int folder, string name)
    {
        Span<byte> target = stackalloc byte[64];
        int length = Sys.readlinkat(folder, name, target);
        return length > 0 ? Encoding.UTF8.GetString(target[..length]) : "";
    }

    /// <summary>Turns IPv6 on for one interface inside, and for the loopback.</summary>
    internal void EnableIpv6(string link) => NetworkNamespace.Run(Fd, () =>
    {
        NetworkSysctl.EnableIpv6("lo");
        NetworkSysctl.EnableIpv6(link);
    });

    /// <summary>Sets the loopback interface up.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetUpLoopback()
    {
        NetlinkBatch batch = new();
        AddLoopback(batch);
        Routes.Execute(batch);
    }

    /// <summary>Adds "set the loopback interface up" to a batch.</summary>
    internal static void AddLoopback(NetlinkBatch batch) => RouteSocket.SetUp(batch, Loopback, "lo");

    /// <inheritdoc/>
    public void Dispose()
    {
        Routes.Dispose();
        Fd.Dispose();
    }
}
