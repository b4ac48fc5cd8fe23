using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The supervisor's end of the launch line; see <see cref="LaunchMessage"/>.</summary>
internal sealed class LaunchLine(OwnedFd fd) : IDisposable
{
    /// <summary>The socket, for the event loop.</summary>
    public OwnedFd Fd { get; } = fd;

    /// <summary>Waits for the engine's next word.</summary>
    /// <param name="expected">What is due.</param>
    /// <param name="passed">The fd that came with it; null where none did.</param>
    /// <returns>What it said; null where the engine is gone.</returns>
    /// <exception cref="ContainerException">It said something else.</exception>
    public LaunchMessage? Receive(LaunchStep expected, out OwnedFd? passed)
    {
        Span<byte> buffer = stackalloc byte[256];
        Span<int> fds = stackalloc int[1];
        nint got;
        int received;
        do
            got = Sys.ReceiveWithFds(Fd.Value, buffer, fds, out received, 0);
        while (Sys.Is(got, Errno.EINTR));
        passed = received > 0 ? new OwnedFd(fds[0]) : null;
        if (got == 0 || Sys.Is(got, Errno.ECONNRESET))
            return null;
        LinuxException.ThrowIfError(got, "receive from the engine");
        LaunchMessage message = LaunchMessage.Read(buffer[..(int)got]);
        return message.Step == expected
            ? message
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the engine said '{message.Step}' when '{expected}' was due");
    }

    /// <summary>Says something. An engine that is gone is noticed by the next <see cref="Receive"/>.</summary>
    /// <param name="message">What.</param>
    /// <param name="passed">An fd that goes along; null for none.</param>
    public void Send(LaunchMessage message, OwnedFd? passed = null)
    {
        ReadOnlySpan<byte> bytes = message.ToBytes();
        nint sent;
        do
            sent = Sys.SendWithFds(Fd.Value, bytes, passed is null ? [] : [passed.Value], MSG.NOSIGNAL);
        while (Sys.Is(sent, Errno.EINTR));
        if (!Sys.Is(sent, Errno.EPIPE) && !Sys.Is(sent, Errno.ECONNRESET))
            LinuxException.ThrowIfError(sent, "send to the engine");
    }

    /// <inheritdoc/>
    public void Dispose() => Fd.Dispose();
}
