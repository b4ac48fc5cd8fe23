using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>Hands the master side of a terminal to the socket that <c>--console-socket</c> names.</summary>
internal static class ConsoleSocket
{
    private const int PathMax = 107; // sun_path less its NUL, unix(7)

    /// <summary>The connected socket, or null where no flag was given.</summary>
    /// <exception cref="ContainerException">Flag and spec do not fit together.</exception>
    public static OwnedFd? Connect(string? path, bool terminal, bool detached)
    {
        if (path is null)
        {
            return terminal && detached
                ? throw new ContainerException(ContainerErrorKind.InvalidArgument, "cannot allocate tty if runcs will detach without setting console socket") { Hint = "give --console-socket, or set process.terminal to false" }
                : null;
        }
        if (!terminal)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "cannot use console socket if runcs will not detach or allocate tty");
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > PathMax)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"console socket '{path}': the path is longer than {PathMax} bytes");
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM, 0), "socket");
        byte[] address = new byte[2 + name.Length + 1];
        BitConverter.TryWriteBytes(address, (ushort)AF.UNIX);
        name.CopyTo(address, 2);
        int answer = Sys.connect(socket.Value, address);
        if (answer < 0)
            socket.Dispose();
        LinuxException.ThrowIfError(answer, "connect to console socket", path);
        return socket;
    }

    /// <summary>Sends the fd in one message; the data is the terminal's name, as runc has it.</summary>
    /// <exception cref="LinuxException">The other side is gone.</exception>
    public static void Send(OwnedFd socket, OwnedFd terminal)
    {
        uint number = 0;
        LinuxException.ThrowIfError(Sys.ioctl(terminal.Value, TIO.GPTN, ref number), "ask the terminal for its number");
        LinuxException.ThrowIfError(Sys.SendWithFds(socket.Value, Encoding.ASCII.GetBytes($"/dev/pts/{number}"), [terminal.Value], MSG.NOSIGNAL), "send the terminal");
    }
}
