using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>A unix socket of the caller's that gets one fd in one message.</summary>
internal static class FdSocket
{
    private const int PathMax = 107; // sun_path less its NUL, unix(7)

    /// <summary>Connects to it.</summary>
    /// <param name="path">Where it listens.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="ContainerException">The path is too long.</exception>
    /// <exception cref="LinuxException">Nobody listens.</exception>
    public static OwnedFd Connect(string path, string what)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > PathMax)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{what} '{path}': the path is longer than {PathMax} bytes");
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM, 0), "socket");
        byte[] address = new byte[2 + name.Length + 1];
        BitConverter.TryWriteBytes(address, (ushort)AF.UNIX);
        name.CopyTo(address, 2);
        int answer = Sys.connect(socket.Value, address);
        if (answer < 0)
            socket.Dispose();
        LinuxException.ThrowIfError(answer, $"connect to {what}", path);
        return socket;
    }

    /// <summary>Sends the fd; the data is its name.</summary>
    /// <exception cref="LinuxException">The other side is gone.</exception>
    public static void Send(OwnedFd socket, string name, OwnedFd fd) =>
        LinuxException.ThrowIfError(Sys.SendWithFds(socket.Value, Encoding.ASCII.GetBytes(name), [fd.Value], MSG.NOSIGNAL), $"send '{name}'");
}
