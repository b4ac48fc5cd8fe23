using System.Text;
using Rundlet.Linux;
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
    public static void EnableForwarding() => Set("net/ipv4/ip_forward", "1");

    /// <summary>Lets answers to 127.0.0.1 come in by that interface; the firewall keeps everything else of it out.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void RouteLoopback(string link) => Set($"net/ipv4/conf/{link}/route_localnet", "1");

    /// <summary>Turns IPv6 and router advertisements off for that interface, <c>all</c> or <c>default</c>; nothing where the kernel has no IPv6.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void DisableIpv6(string link)
    {
        Set($"net/ipv6/conf/{link}/disable_ipv6", "1", mayBeMissing: true);
        Set($"net/ipv6/conf/{link}/accept_ra", "0", mayBeMissing: true);
    }

    /// <summary>Whether br_netfilter is loaded and hands switched packets to the firewall.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool BridgesAreFiltered() => FileIo.TryReadText("/proc/sys/net/bridge/bridge-nf-call-iptables")?.TrimEnd() == "1";

    // Reads first: on most hosts and most starts everything is as it should be.
    private static void Set(string name, string value, bool mayBeMissing = false)
    {
        string path = $"/proc/sys/{name}";
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NOFOLLOW);
        if (mayBeMissing && Sys.Is(answer, Errno.ENOENT))
            return;
        using (OwnedFd reading = OwnedFd.FromAnswer(answer, "open", path))
        {
            Verify(reading, path);
            if (FileIo.ReadAll(reading.Value, path).AsSpan().TrimEnd((byte)'\n').SequenceEqual(Encoding.ASCII.GetBytes(value)))
                return;
        }
        using OwnedFd writing = FileIo.Open(Sys.AT_FDCWD, path, O.WRONLY | O.NOFOLLOW);
        Verify(writing, path);
        FileIo.WriteAll(writing.Value, Encoding.ASCII.GetBytes(value), path);
    }

    private static void Verify(OwnedFd fd, string path)
    {
        LinuxException.ThrowIfError(Sys.fstatfs(fd.Value, out statfs_t type), "fstatfs", path);
        if (type.f_type != MAGIC.PROC_SUPER_MAGIC)
            throw new LinuxException(Errno.EXDEV, "open on procfs", path);
    }
}
