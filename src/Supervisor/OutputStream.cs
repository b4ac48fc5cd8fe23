using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>One of the container's output pipes, or its terminal, at the supervisor's end.</summary>
/// <param name="fd">The end to read, which becomes non-blocking.</param>
/// <param name="type">The frames that its bytes become.</param>
/// <param name="spools">The way of its bytes into the log; null where there is none.</param>
/// <param name="isTerminal">Whether it is a terminal: what waits in there goes with the supervisor, whatever it does.</param>
internal sealed class OutputStream(OwnedFd fd, FrameType type, OutputSpools? spools, bool isTerminal = false) : IDisposable
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
        OutputSpool? spool = spools?.Find(Type);
        if (spool is null && spools is not null && !isTerminal)
        {
            int seen = Look();
            if (seen <= 0)
                return seen;
            spool = spools.Open(Type);
        }
        if (spool is { HasMore: false, IsBroken: false } && !isTerminal)
        {
            int taken = Take(spool, buffer.Length);
            if (taken <= 0 && !spool.IsBroken)
                return taken;
        }
        if (spool is { HasMore: true })
            return spool.Give(buffer);
        int got = ReadDirectly(buffer);
        if (got > 0 && isTerminal)
            spools?.Open(Type)?.Put(buffer[..got]);
        return got;
    }

    /// <summary>Takes what is in the pipe, to be read later: then it no longer goes with the supervisor.</summary>
    /// <param name="most">How many bytes at most.</param>
    public void TakeAll(int most)
    {
        if (isTerminal || spools is null || (spools.Find(Type) is null && Look() <= 0) || spools.Open(Type) is not { IsBroken: false } spool)
            return;
        for (int taken = 0, got = 1; taken < most && got > 0; taken += got)
            got = Take(spool, most - taken);
    }

    /// <inheritdoc/>
    public void Dispose() => Fd.Dispose();

    // As Read, but reads nothing: a stream to which nothing is written needs no spool.
    private int Look()
    {
        Span<pollfd> pipe = [new pollfd { fd = Fd.Value, events = POLL.IN }];
        int answer = Sys.poll(pipe, 0);
        if (answer <= 0 || (pipe[0].revents & (POLL.IN | POLL.HUP)) == 0)
            return -1;
        return (pipe[0].revents & POLL.IN) != 0 ? 1 : 0;
    }

    // As Read; what the spool cannot take stays in the pipe.
    private int Take(OutputSpool spool, int most)
    {
        nint got = spool.Take(Fd, most);
        if (got >= 0)
            return (int)got;
        if (!Sys.Is(got, Errno.EAGAIN) && !Sys.Is(got, Errno.EINTR))
            spool.Break(got);
        return -1;
    }

    private int ReadDirectly(Span<byte> buffer)
    {
        nint got = Sys.read(Fd.Value, buffer);
        if (Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR))
            return -1;
        if (Sys.Is(got, Errno.EIO)) // a terminal that nobody has open any more
            return 0;
        return (int)LinuxException.ThrowIfError(got, "read the container's", Type == FrameType.Stderr ? "stderr" : "stdout");
    }
}
