using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>Hands the master side of a terminal to the socket that <c>--console-socket</c> names.</summary>
internal static class ConsoleSocket
{
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
        return UnixSocket.Connect(path, "console socket");
    }

    /// <summary>Sends the fd in one message; the data is the terminal's name, as runc has it.</summary>
    /// <exception cref="LinuxException">The other side is gone.</exception>
    public static void Send(OwnedFd socket, OwnedFd terminal)
    {
        uint number = 0;
        LinuxException.ThrowIfError(Sys.ioctl(terminal.Value, TIO.GPTN, ref number), "ask the terminal for its number");
        FdSocket.Send(socket, $"/dev/pts/{number}", terminal);
    }
}
