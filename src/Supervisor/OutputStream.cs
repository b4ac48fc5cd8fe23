using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>One of the container's output pipes, or its terminal, at the supervisor's end.</summary>
/// <param name="fd">The end to read, which becomes non-blocking.</param>
/// <param name="type">The frames that its bytes become.</param>
internal sealed class OutputStream(OwnedFd fd, FrameType type) : IDisposable
{
    /// <summary>The end to read.</summary>
    public OwnedFd Fd { get; } = fd;

    /// <summary><see cref="FrameType.Stdout"/> or <see cref="FrameType.Stderr"/>.</summary>
    public FrameType Type { get; } = type;

    /// <summary>What has come of a line whose end has not.</summary>
    public LineRest Rest { get; } = new();

    /// <summary>Whether the other side is closed for good.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Reads what is there.</summary>
    /// <returns>Bytes read; 0 at the end, -1 where there is nothing now.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Read(Span<byte> buffer)
    {
        nint got = Sys.read(Fd.Value, buffer);
        if (Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR))
            return -1;
        if (Sys.Is(got, Errno.EIO)) // a terminal that nobody has open any more
            return 0;
        return (int)LinuxException.ThrowIfError(got, "read the container's", Type == FrameType.Stderr ? "stderr" : "stdout");
    }

    /// <inheritdoc/>
    public void Dispose() => Fd.Dispose();
}
