using System.Net;
using System.Text;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Http;

/// <summary>A socket that clients connect to. One with a path is reachable for its owner alone, and its path goes with it.</summary>
internal sealed class ListenSocket : IDisposable
{
    private const int Backlog = 64;
    private const int FirstInherited = 3; // SD_LISTEN_FDS_START
    private const uint OwnerOnly = 0x180; // 0600

    private readonly string? _path;
    private readonly ulong _inode;

    private ListenSocket(OwnedFd fd, string place, bool isLocal, string? path = null)
    {
        Fd = fd;
        Place = place;
        IsLocal = isLocal;
        _path = path;
        _inode = path is null ? 0 : InodeOf(path);
    }

    /// <summary>The socket.</summary>
    public OwnedFd Fd { get; }

    /// <summary>Where it is, for people.</summary>
    public string Place { get; }

    /// <summary>Whether only programs of this machine reach it, by a path: no browser does.</summary>
    public bool IsLocal { get; }

    /// <summary>Opens it.</summary>
    /// <exception cref="ContainerException">Conflict: somebody listens there; InvalidArgument: it cannot be listened at.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ListenSocket Open(ListenAddress address) => address switch
    {
        { Path: { } path } => AtPath(path),
        { EndPoint: { } endPoint } => At(endPoint),
        _ => FromServiceManager(),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        Fd.Dispose();
        // Another server may have taken the path over meanwhile.
        if (_path is not null && InodeOf(_path) == _inode)
            _ = Sys.unlinkat(Sys.AT_FDCWD, _path, 0); // ignored: the next server takes it away
    }

    private static ListenSocket At(IPEndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        OwnedFd fd = OwnedFd.FromAnswer(Sys.socket((int)address.Family == (int)System.Net.Sockets.AddressFamily.InterNetworkV6 ? AF.INET6 : AF.INET, SOCK.STREAM, 0), "socket");
        try
        {
            LinuxException.ThrowIfError(Sys.setsockopt(fd.Value, SOL.SOCKET, SO.REUSEADDR, 1), "setsockopt");
            Listen(fd, address.Buffer.Span[..address.Size], endPoint.ToString());
            // With port 0 the kernel has chosen one.
            SocketAddress bound = new(address.Family, address.Size);
            LinuxException.ThrowIfError(Sys.getsockname(fd.Value, bound.Buffer.Span[..bound.Size]), "getsockname");
            return new ListenSocket(fd, $"http://{endPoint.Create(bound)}", isLocal: false);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    private static ListenSocket AtPath(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > UnixSocket.MaxPath)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"socket '{path}': the path is longer than {UnixSocket.MaxPath} bytes");
        RemoveDead(path);
        OwnedFd fd = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM, 0), "socket");
        try
        {
            LinuxException.ThrowIfError(Sys.fchmod(fd.Value, OwnerOnly), "fchmod", path); // bind takes the mode over
            byte[] address = new byte[2 + name.Length + 1];
            BitConverter.TryWriteBytes(address, (ushort)AF.UNIX);
            name.CopyTo(address, 2);
            Listen(fd, address, path);
            return new ListenSocket(fd, $"unix:{path}", isLocal: true, path);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    // What a killed server has left: nobody listens there any more.
    private static void RemoveDead(string path)
    {
        if (Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t file) < 0)
            return; // nothing is there, or bind says what is wrong
        if ((file.stx_mode & S.IFMT) != S.IFSOCK)
            throw new ContainerException(ContainerErrorKind.AlreadyExists, $"'{path}' exists and is no socket");
        try
        {
            UnixSocket.Connect(path, "socket").Dispose();
        }
        catch (LinuxException e) when (e.Errno == Errno.ECONNREFUSED)
        {
            _ = Sys.unlinkat(Sys.AT_FDCWD, path, 0); // ignored: bind says so
            return;
        }
        throw InUse(path);
    }

    private static void Listen(OwnedFd fd, ReadOnlySpan<byte> address, string place)
    {
        int bound = Sys.bind(fd.Value, address);
        if (Sys.Is(bound, Errno.EADDRINUSE))
            throw InUse(place);
        if (Sys.Is(bound, Errno.EADDRNOTAVAIL))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot listen at '{place}': not an address of this host");
        LinuxException.ThrowIfError(bound, "listen at", place);
        LinuxException.ThrowIfError(Sys.listen(fd.Value, Backlog), "listen at", place);
    }

    private static ListenSocket FromServiceManager()
    {
        if (ListenFds.Count != 1)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'fd://' wants one socket of the service manager's, and there are {ListenFds.Count}") { Hint = "a .socket unit beside the .service unit brings it" };
        var fd = new OwnedFd(FirstInherited);
        LinuxException.ThrowIfError(Sys.fcntl(fd.Value, F.SETFD, 1 /* FD_CLOEXEC */), "fcntl", "socket of the service manager");
        int answer = Sys.getsockopt(fd.Value, SOL.SOCKET, SO.ACCEPTCONN, out int listens);
        if (answer < 0 || listens == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "what the service manager handed over does not listen");
        LinuxException.ThrowIfError(Sys.getsockopt(fd.Value, SOL.SOCKET, SO.DOMAIN, out int family), "getsockopt");
        return new ListenSocket(fd, "the socket of the service manager", family == AF.UNIX);
    }

    private static ulong InodeOf(string path) => Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.INO, out statx_t file) < 0 ? 0 : file.stx_ino;

    private static ContainerException InUse(string place) => new(ContainerErrorKind.Conflict, $"somebody listens at '{place}' already");
}
