using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Who is behind <c>linux.seccomp.listenerPath</c>, for a filter that notifies (config-linux.md, Seccomp). One connection for one
/// process. It is made only when the fd is there: a child that was cloned before has no copy of it, and the listener sees its end.
/// </summary>
internal static class SeccompListener
{
    /// <summary>Tells the listener of a process and gives it the fd.</summary>
    /// <param name="section">The spec's section.</param>
    /// <param name="listener">The fd of seccomp(2).</param>
    /// <param name="pid">The process, as the caller sees it.</param>
    /// <param name="state">The container.</param>
    /// <exception cref="ContainerException">Nobody listens there, or went away: the process has to go.</exception>
    public static void Tell(Oci.Seccomp section, OwnedFd listener, int pid, ContainerState state)
    {
        string path = section.ListenerPath ?? "";
        ContainerProcessState told = new() { OciVersion = state.OciVersion, Fds = ["seccompFd"], Pid = pid, Metadata = section.ListenerMetadata, State = state };
        try
        {
            using OwnedFd socket = UnixSocket.Connect(path, "seccomp agent");
            Send(socket, SpecWriter.ToBytes(told), listener);
        }
        catch (LinuxException failed)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, $"linux.seccomp.listenerPath '{path}'", failed) { Hint = "is the seccomp agent running" };
        }
    }

    // The fd goes with the first bytes; what does not fit into the socket at once goes alone.
    private static void Send(OwnedFd socket, ReadOnlySpan<byte> rest, OwnedFd listener)
    {
        ReadOnlySpan<int> fds = [listener.Value];
        while (rest.Length > 0)
        {
            nint sent = Sys.SendWithFds(socket.Value, rest, fds, MSG.NOSIGNAL);
            if (Sys.Is(sent, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(sent, "send");
            rest = rest[(int)sent..];
            fds = [];
        }
    }
}
