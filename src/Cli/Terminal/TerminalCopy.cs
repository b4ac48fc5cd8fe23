using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>Our terminal tied to the master side of another one that we hold ourselves; one thread, poll(2).</summary>
internal sealed class TerminalCopy : IDisposable
{
    private const int Block = 32 << 10;
    private const int StandardInput = 0;
    private const int StandardOutput = 1;

    private readonly OwnedFd _master;
    private readonly RawTerminal? _raw;
    private readonly SignalForwarder _signals;
    private readonly DetachKeys _keys;
    private readonly byte[] _buffer = new byte[Block];
    private readonly byte[] _passed;
    private bool _readsInput;

    /// <summary>Sets the terminal up; it is as it was on <see cref="Dispose"/>.</summary>
    public TerminalCopy(OwnedFd master, bool interactive, DetachKeys keys)
    {
        _master = master;
        _keys = keys;
        _passed = new byte[Block + keys.MostHeld];
        _readsInput = interactive;
        _raw = interactive ? RawTerminal.TryEnter(StandardInput) : null;
        // Typed signals are the other terminal's business; a signal sent to us ends us, and with us the terminal.
        _signals = new SignalForwarder(End, Resize);
        Resize();
    }

    /// <summary>Copies until the other side is closed or the user detaches.</summary>
    public AttachOutcome Run()
    {
        Span<pollfd> fds = stackalloc pollfd[2];
        while (true)
        {
            fds[0] = new pollfd { fd = _master.Value, events = POLL.IN };
            fds[1] = new pollfd { fd = _readsInput ? StandardInput : -1, events = POLL.IN };
            int answer = Sys.poll(fds, -1);
            if (Sys.Is(answer, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(answer, "poll");
            if (fds[0].revents != 0 && !CopyOutput())
                return AttachOutcome.Exited;
            if (fds[1].revents != 0 && !CopyInput())
                return AttachOutcome.Detached;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals.Dispose();
        _raw?.Dispose();
    }

    // EIO: the last process that had the other side open is gone.
    private bool CopyOutput()
    {
        nint got = Sys.read(_master.Value, _buffer);
        if (Sys.Is(got, Errno.EINTR) || Sys.Is(got, Errno.EAGAIN))
            return true;
        if (got <= 0)
            return false;
        FileIo.WriteAll(StandardOutput, _buffer.AsSpan(0, (int)got), "standard output");
        return true;
    }

    private bool CopyInput()
    {
        nint got = Sys.read(StandardInput, _buffer);
        if (Sys.Is(got, Errno.EINTR))
            return true;
        if (got <= 0)
        {
            _readsInput = false;
            return true;
        }
        bool detach = _keys.Filter(_buffer.AsSpan(0, (int)got), _passed, out int length);
        FileIo.WriteAll(_master.Value, _passed.AsSpan(0, length), "terminal");
        return !detach;
    }

    private void End(int signal)
    {
        _raw?.Dispose();
        Environment.Exit(128 + signal);
    }

    private void Resize()
    {
        if (RawTerminal.TrySizeOf(StandardInput) is not { } size)
            return;
        winsize window = new() { ws_row = size.Rows, ws_col = size.Columns };
        _ = Sys.ioctl(_master.Value, TIO.SWINSZ, ref window); // ignored: a terminal that is gone needs no size
    }
}
