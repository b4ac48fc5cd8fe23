using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>--pidfd-socket</c>: a socket that gets a pidfd of the new process.</summary>
internal static class PidfdSocket
{
    /// <summary>The flag.</summary>
    public static readonly Option Option = new("pidfd-socket", null, "PATH", "unix socket that gets a pidfd of the new process");

    /// <summary>The connected socket, or null where no flag was given.</summary>
    /// <exception cref="LinuxException">Nobody listens.</exception>
    public static OwnedFd? Connect(Arguments arguments) =>
        arguments.Value(Option.Name) is { } path ? UnixSocket.Connect(path, "pidfd socket") : null;

    /// <summary>Sends the pidfd where there is a socket.</summary>
    /// <exception cref="LinuxException">The other side is gone.</exception>
    public static void Send(OwnedFd? socket, OwnedFd pidfd)
    {
        if (socket is not null)
            FdSocket.Send(socket, "pidfd", pidfd);
    }
}
