using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>A unix socket of the caller's that gets one fd in one message.</summary>
internal static class FdSocket
{
    /// <summary>Sends the fd; the data is its name.</summary>
    /// <exception cref="LinuxException">The other side is gone.</exception>
    public static void Send(OwnedFd socket, string name, OwnedFd fd) =>
        LinuxException.ThrowIfError(Sys.SendWithFds(socket.Value, Encoding.ASCII.GetBytes(name), [fd.Value], MSG.NOSIGNAL), $"send '{name}'");
}
