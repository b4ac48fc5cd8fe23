using System.Net;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Names;

/// <summary>
/// The host's nameservers, as its resolv.conf(5) has them now: a machine that changes its network takes its containers along. A server on
/// the host's loopback, such as systemd-resolved's, is asked from the host.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class HostServers(string path)
{
    /// <summary>The usual place.</summary>
    public const string Path = "/etc/resolv.conf";

    private const int MaxFile = 64 << 10; // bytes
    private const int Port = 53;
    private const int LookMs = 1000;

    private FileStamp _stamp;
    private long _lookAt;
    private bool _isFresh = true;

    /// <summary>The servers.</summary>
    public IReadOnlyList<NameServer> Servers { get; private set; } = [];

    /// <summary>Looks at the file, at most once a second.</summary>
    /// <returns>Whether there is something new.</returns>
    public bool Refresh()
    {
        long now = Environment.TickCount64;
        if (now < _lookAt)
            return false;
        _lookAt = now + LookMs;
        try
        {
            // Through a link: that is what the file is where a service manages it.
            int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY);
            if (fd < 0)
                return Set([]);
            using OwnedFd file = new(fd);
            LinuxException.ThrowIfError(Sys.statx(fd, "", AT.EMPTY_PATH, STATX.INO | STATX.MTIME | STATX.SIZE, out statx_t found), "stat", path);
            FileStamp stamp = new(found.stx_ino, found.stx_mtime.tv_sec, found.stx_mtime.tv_nsec, found.stx_size);
            if (stamp == _stamp && !_isFresh)
                return false;
            (_stamp, _isFresh) = (stamp, stamp.IsFresh);
            return Set(Parse(Encoding.UTF8.GetString(FileIo.ReadAll(fd, path, MaxFile))));
        }
        catch (LinuxException)
        {
            return false; // those that were known are better than none
        }
    }

    /// <summary>The servers that a file names, three at most.</summary>
    public static List<NameServer> Parse(string text)
    {
        List<NameServer> servers = [];
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var word, ..] && servers.Count < ResolverConfig.MaxServers && IPAddress.TryParse(word, out IPAddress? address))
                servers.Add(new NameServer(new IPEndPoint(address, Port), IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal));
        }
        return servers;
    }

    /// <summary>Whether two lists are the same.</summary>
    public static bool Same(IReadOnlyList<NameServer> one, IReadOnlyList<NameServer> other)
    {
        bool same = one.Count == other.Count;
        for (int i = 0; i < one.Count && same; i++)
            same = one[i].FromHost == other[i].FromHost && one[i].EndPoint.Equals(other[i].EndPoint);
        return same;
    }

    private bool Set(List<NameServer> servers)
    {
        bool isNew = !Same(servers, Servers);
        Servers = servers;
        return isNew;
    }
}
