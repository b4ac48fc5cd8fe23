using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's output: to the log first, then to every client that is attached. While the log or a client does not keep up, the
/// container's pipes are not read, as if it were at their other end.
/// </summary>
internal sealed class StdioDuty : IDisposable
{
    // A pipe holds 64 KiB unless somebody made it larger, 1 MiB at most for other users than root.
    private const int MostAfterExit = 1 << 20;
    private const int ReadLength = Frame.MaxStream;

    private readonly EventLoop _loop;
    private readonly ContainerLog? _log;
    private readonly List<OutputStream> _streams = [];
    private readonly List<ControlClient> _clients = [];
    private OwnedFd? _terminalPeer;
    private byte[]? _frame;
    private bool _reading;
    private bool _finished;

    private StdioDuty(EventLoop loop, ContainerLog? log)
    {
        _loop = loop;
        _log = log;
        log?.CaughtUp = Resume;
    }

    /// <summary>The container's stdin; null where it has none.</summary>
    public StdinDuty? Stdin { get; private set; }

    /// <summary>Over three pipes, whose ends of ours it takes over.</summary>
    public static StdioDuty OfPipes(EventLoop loop, ContainerLog? log, StdioPipes pipes)
    {
        StdioDuty duty = Over(loop, log, pipes);
        duty.Resume();
        return duty;
    }

    /// <summary>Over those of a container that another supervisor had, after what that one has left.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="log">The log.</param>
    /// <param name="pipes">Taken over; null where it was a terminal, which went with the supervisor that held its master side.</param>
    public static StdioDuty Adopted(EventLoop loop, ContainerLog? log, StdioPipes? pipes)
    {
        StdioDuty duty = pipes is null ? new(loop, log) { IsLost = true } : Over(loop, log, pipes);
        LineRest stdout = duty.RestOf(FrameType.Stdout), stderr = duty.RestOf(FrameType.Stderr);
        log?.Replay(FrameType.Stdout, stdout);
        log?.Replay(FrameType.Stderr, stderr);
        log?.Continue(FrameType.Stdout, stdout);
        log?.Continue(FrameType.Stderr, stderr);
        if (duty.IsLost)
            log?.End(FrameType.Stdout, stdout); // nothing can come behind it
        duty.Resume();
        return duty;
    }

    /// <summary>Over the master side of a terminal, which it takes over.</summary>
    public static StdioDuty OfTerminal(EventLoop loop, ContainerLog? log, OwnedFd master)
    {
        StdioDuty duty = new(loop, log);
        StdioPipes.Ours(master);
        OwnedFd writing = OwnedFd.FromAnswer(Sys.fcntl(master.Value, F.DUPFD_CLOEXEC, 3), "dup", "terminal");
        // While this end is open, the terminal does not end when the container has closed all of its own for a moment.
        duty._terminalPeer = OwnedFd.FromAnswer(Sys.ioctl(master.Value, TIO.GPTPEER, O.RDWR | O.NOCTTY | O.CLOEXEC), "open the other side of the terminal");
        duty._streams.Add(new OutputStream(Take(master), FrameType.Stdout, log?.Spools, isTerminal: true));
        duty.Stdin = new StdinDuty(loop, writing, isTerminal: true);
        duty.Resume();
        return duty;
    }

    /// <summary>Whether it is a terminal.</summary>
    public bool IsTerminal => _terminalPeer is not null;

    /// <summary>Whether there was a terminal that is gone.</summary>
    public bool IsLost { get; private init; }

    /// <summary>Sends this client what comes from now on.</summary>
    public void Attach(ControlClient client) => _clients.Add(client);

    /// <summary>No longer.</summary>
    public void Detach(ControlClient client)
    {
        if (_clients.Remove(client))
            Resume();
    }

    /// <summary>Reads again, once neither the log nor a client is behind.</summary>
    public void Resume()
    {
        if (_reading || _finished || MustWait)
            return;
        _reading = true;
        foreach (OutputStream stream in _streams)
        {
            if (!stream.HasEnded)
                _loop.Add(stream.Fd, EPOLL.IN, _ => Relay(stream));
        }
    }

    /// <summary>
    /// Reads what is left, for a container whose processes are all gone. Clients get it whether they keep up or not: it is
    /// bounded, by what a pipe may hold.
    /// </summary>
    public void Finish()
    {
        Pause();
        _finished = true;
        Stdin?.Dispose();
        _terminalPeer?.Dispose();
        foreach (OutputStream stream in _streams)
            stream.TakeAll(MostAfterExit);
        foreach (OutputStream stream in _streams)
        {
            for (int read = 0, got = 1; got > 0 && read < MostAfterExit && !stream.HasEnded; read += got)
                got = Read(stream);
            _log?.End(stream.Type, stream.Rest);
        }
        _log?.Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pause();
        Stdin?.Dispose();
        _terminalPeer?.Dispose();
        foreach (OutputStream stream in _streams)
            stream.Dispose();
    }

    private static StdioDuty Over(EventLoop loop, ContainerLog? log, StdioPipes pipes)
    {
        StdioDuty duty = new(loop, log);
        duty._streams.Add(new OutputStream(Take(pipes.Stdout), FrameType.Stdout, log?.Spools));
        duty._streams.Add(new OutputStream(Take(pipes.Stderr), FrameType.Stderr, log?.Spools));
        if (pipes.Stdin is { } stdin)
            duty.Stdin = new StdinDuty(loop, Take(stdin), isTerminal: false);
        return duty;
    }

    private LineRest RestOf(FrameType type) => _streams.Find(stream => stream.Type == type)?.Rest ?? new LineRest();

    private static OwnedFd Take(OwnedFd fd) => new(fd.Release());

    private bool MustWait => _log is { IsBehind: true } || _clients.Exists(client => client.IsBehind);

    // A pipe whose writers are gone would be reported for ever, even watched for nothing: so the watch is taken away.
    private void Pause()
    {
        if (!_reading)
            return;
        _reading = false;
        foreach (OutputStream stream in _streams)
            _loop.Remove(stream.Fd);
    }

    private void Relay(OutputStream stream)
    {
        if (Read(stream) == 0)
            _loop.Remove(stream.Fd);
        else if (MustWait)
            Pause();
    }

    private int Read(OutputStream stream)
    {
        _frame ??= GC.AllocateUninitializedArray<byte>(Frame.HeaderLength + ReadLength); // what is not used costs no memory
        int got = stream.Read(_frame.AsSpan(Frame.HeaderLength));
        stream.HasEnded = got == 0;
        if (got <= 0)
            return got;
        _log?.Write(stream.Type, _frame.AsSpan(Frame.HeaderLength, got), stream.Rest);
        Frame.WriteHeader(_frame, stream.Type, got);
        // Backwards: a client that is gone takes itself off the list.
        for (int i = _clients.Count - 1; i >= 0; i--)
        {
            if (_clients[i].Wants(stream.Type))
                _clients[i].Send(_frame.AsSpan(0, Frame.HeaderLength + got));
        }
        return got;
    }
}
