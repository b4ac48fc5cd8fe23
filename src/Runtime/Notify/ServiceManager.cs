using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>What a service of ours itself tells the service manager that started it, sd_notify(3).</summary>
public static class ServiceManager
{
    /// <summary>Tells it something, such as <c>READY=1</c>; does nothing where there is none.</summary>
    /// <exception cref="ContainerException">InvalidArgument: <c>NOTIFY_SOCKET</c> is impossible.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Tell(string state)
    {
        if (NotifySocket.Host is not { } host)
            return;
        byte[] address = NotifySocket.AddressOf(host);
        using OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.DGRAM, 0), "socket");
        nint sent = Sys.sendto(socket.Value, Encoding.UTF8.GetBytes(state), MSG.NOSIGNAL, address);
        LinuxException.ThrowIfError(sent, "tell the service manager at", host);
    }
}
