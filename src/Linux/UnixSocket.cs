using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux;

/// <summary>Sockets that others listen on, by path: unix(7).</summary>
public static class UnixSocket
{
    /// <summary>The longest path in bytes: <c>sun_path</c> less its NUL.</summary>
    public const int MaxPath = 107;

    /// <summary>Connects.</summary>
    /// <param name="path">Where somebody listens.</param>
    /// <param name="what">What that is, for the error.</param>
    /// <param name="type"><see cref="SOCK.STREAM"/> or <see cref="SOCK.DGRAM"/>.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: the path is too long.</exception>
    /// <exception cref="LinuxException">Nobody listens there.</exception>
    public static OwnedFd Connect(string path, string what, int type = SOCK.STREAM)
    {
        int answer = Connect(path, type, out OwnedFd? socket);
        if (Sys.Is(answer, Errno.ENAMETOOLONG))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{what} '{path}': the path is longer than {MaxPath} bytes");
        LinuxException.ThrowIfError(answer, $"connect to {what}", path);
        return socket!;
    }

    /// <summary>Connects; null where nobody listens.</summary>
    public static OwnedFd? TryConnect(string path, int type)
    {
        _ = Connect(path, type, out OwnedFd? socket); // ignored: null says it
        return socket;
    }

    private static int Connect(string path, int type, out OwnedFd? connected)
    {
        connected = null;
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > MaxPath)
            return -(int)Errno.ENAMETOOLONG;
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, type, 0), "socket");
        byte[] address = new byte[2 + name.Length + 1];
        BitConverter.TryWriteBytes(address, (ushort)AF.UNIX);
        name.CopyTo(address, 2);
        int answer = Sys.connect(socket.Value, address);
        if (answer < 0)
            socket.Dispose();
        else
            connected = socket;
        return answer;
    }
}
