using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>
/// The time between start and end of a foreground process: signals are passed on, and with a terminal of ours bytes
/// are copied both ways while the caller's terminal is raw.
/// </summary>
internal sealed class ForegroundSession : IDisposable
{
    private const int HungUpMilliseconds = 100;

    private readonly OwnedFd _process;
    private readonly OwnedFd _signals;
    private readonly OwnedFd? _terminal;
    private readonly NotifySocket? _notify;
    private readonly RawTerminal? _raw;
    private readonly byte[] _buffer; // for a terminal only
    private readonly byte[] _input; // as above
    private Range _pending; // of what was read and is not in the terminal yet, whose program may not be reading
    private bool _inputOpen = true;
    private bool _outputOpen = true;

    private ForegroundSession(OwnedFd process, OwnedFd signals, OwnedFd? terminal, NotifySocket? notify)
    {
        _notify = notify;
        _process = process;
        _signals = signals;
        _terminal = terminal;
        _buffer = terminal is null ? [] : new byte[32 * 1024];
        _input = new byte[_buffer.Length];
        _raw = terminal is null ? null : RawTerminal.TryEnter(0);
        if (terminal is not null)
            LinuxException.ThrowIfError(Sys.fcntl(terminal.Value, F.SETFL, Sys.fcntl(terminal.Value, F.GETFL) | O.NONBLOCK), "fcntl", "terminal");
        if (_raw is not null)
            CopySize();
    }

    /// <summary>Begins; all signals are held back from here on and read by <see cref="WaitForEnd"/>.</summary>
    /// <param name="process">A pidfd of the process, a child of ours.</param>
    /// <param name="terminal">The master side of its terminal where we are to serve it.</param>
    /// <param name="notify">What the process says of its readiness; null for none.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ForegroundSession Open(OwnedFd process, OwnedFd? terminal, NotifySocket? notify = null)
    {
        LinuxException.ThrowIfError(Sys.rt_sigprocmask(SIG_HOW.BLOCK, Signals.All, out _), "block signals");
        OwnedFd signals = OwnedFd.FromAnswer(Sys.signalfd4(Signals.All, 0), "signalfd");
        return new ForegroundSession(process, signals, terminal, notify);
    }

    /// <summary>Serves until the process has ended.</summary>
    /// <returns>Its exit status, or 128 and the signal that ended it.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int WaitForEnd()
    {
        Span<pollfd> fds = stackalloc pollfd[5];
        bool hungUp = false; // the program has closed its side, of which poll(2) would tell again and again; it may open it anew
        while (true)
        {
            fds[0] = new pollfd { fd = _process.Value, events = POLL.IN };
            fds[1] = new pollfd { fd = _signals.Value, events = POLL.IN };
            bool waits = !_pending.Equals(default);
            fds[2] = new pollfd { fd = _terminal is null || hungUp ? -1 : _terminal.Value, events = (short)(waits ? POLL.IN | POLL.OUT : POLL.IN) };
            fds[3] = new pollfd { fd = _terminal is not null && _inputOpen && !waits ? 0 : -1, events = POLL.IN };
            fds[4] = new pollfd { fd = _notify?.Fd ?? -1, events = POLL.IN };
            int ready = Sys.poll(fds, hungUp ? HungUpMilliseconds : -1);
            hungUp = false;
            if (Sys.Is(ready, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(ready, "poll");
            bool ended = fds[0].revents != 0;
            if (fds[1].revents != 0 && !ended)
                PassSignals();
            if (fds[3].revents != 0)
                CopyInput();
            if ((fds[2].revents & POLL.OUT) != 0)
                PassInput();
            if ((fds[2].revents & ~POLL.OUT) != 0)
                hungUp = !CopyOutput() && (fds[2].revents & POLL.HUP) != 0;
            if (fds[4].revents != 0)
                _notify!.Pass(0);
            if (ended)
                return Collect();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _raw?.Dispose();
        _signals.Dispose();
    }

    private int Collect()
    {
        LinuxException.ThrowIfError(Sys.waitid(P.PIDFD, _process.Value, out siginfo_t info, W.EXITED), "waitid");
        if (_terminal is not null)
        {
            while (CopyOutput())
            {
            }
        }
        return info.si_code == CLD.EXITED ? info.si_status : 128 + info.si_status;
    }

    private void PassSignals()
    {
        signalfd_siginfo received = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<signalfd_siginfo>(ref received));
        if (Sys.read(_signals.Value, bytes) != bytes.Length)
            return;
        int signal = (int)received.ssi_signo;
        switch (signal)
        {
            case SIG.CHLD:
                ReapOrphans();
                return;
            case SIG.WINCH when _raw is not null:
                CopySize();
                return;
            case SIG.URG: // no program means it for another one
                return;
            default:
                _ = Sys.pidfd_send_signal(_process.Value, signal); // ignored: where it has ended, the pidfd says so next
                return;
        }
    }

    // As a subreaper we get the container's orphans; the process itself is collected by its pidfd.
    private void ReapOrphans()
    {
        while (Sys.waitid(P.ALL, 0, out siginfo_t child, W.EXITED | W.NOHANG | W.NOWAIT) == 0 && child.si_pid != 0)
        {
            Span<pollfd> ended = [new pollfd { fd = _process.Value, events = POLL.IN }];
            if (Sys.poll(ended, 0) > 0)
                return;
            if (Sys.waitid(P.PID, child.si_pid, out _, W.EXITED | W.NOHANG) < 0)
                return;
        }
    }

    private void CopyInput()
    {
        nint got = Sys.read(0, _input);
        if (got <= 0)
        {
            _inputOpen = Sys.Is(got, Errno.EINTR) || Sys.Is(got, Errno.EAGAIN);
            return;
        }
        _pending = ..(int)got;
        PassInput();
    }

    // Never waits: the program may be waiting for us to take its output.
    private void PassInput()
    {
        while (_input.AsSpan(_pending) is { Length: > 0 } rest)
        {
            nint put = Sys.write(_terminal!.Value, rest);
            if (Sys.Is(put, Errno.EAGAIN))
                return;
            if (put < 0 && !Sys.Is(put, Errno.EINTR))
                break; // nobody has the other side open any more
            _pending = (_pending.Start.Value + Math.Max(0, (int)put)).._pending.End;
        }
        _pending = default;
    }

    // EIO: nobody has the other side open any more. Where nobody takes what it writes, the program runs on all the same.
    private bool CopyOutput()
    {
        nint got = Sys.read(_terminal!.Value, _buffer);
        if (got <= 0)
            return false;
        try
        {
            if (_outputOpen)
                FileIo.WriteAll(1, _buffer.AsSpan(0, (int)got), "stdout");
        }
        catch (LinuxException closed)
        {
            _ = closed; // ignored: as above
            _outputOpen = false;
        }
        return true;
    }

    private void CopySize()
    {
        winsize size = default;
        if (Sys.ioctl(0, TIO.GWINSZ, ref size) == 0)
            _ = Sys.ioctl(_terminal!.Value, TIO.SWINSZ, ref size); // ignored: a wrong size is no reason to stop
    }
}
