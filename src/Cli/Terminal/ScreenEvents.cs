using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>What woke a view.</summary>
[Flags]
internal enum ScreenEvent
{
    /// <summary>The time is up.</summary>
    None = 0,

    /// <summary>Keys were pressed.</summary>
    Keys = 1,

    /// <summary>Another thread has something to show.</summary>
    News = 2,

    /// <summary>The terminal has another size.</summary>
    Resized = 4,

    /// <summary>Somebody asked it to stop for a while.</summary>
    Suspend = 8,

    /// <summary>It goes on after it was stopped.</summary>
    Continued = 16,

    /// <summary>It must end; see <see cref="ScreenEvents.EndSignal"/>.</summary>
    End = 32,
}

/// <summary>Keys, signals and news of other threads, all in one place to wait: poll(2) on the terminal and on a counter.</summary>
internal sealed class ScreenEvents : IDisposable
{
    // What begins like the sequence of a key and has no rest by then is the escape key.
    private const int EscapeMilliseconds = 50;
    private static readonly int[] s_ends = [SIG.HUP, SIG.INT, SIG.QUIT, SIG.TERM];

    private readonly OwnedFd _counter = OwnedFd.FromAnswer(Sys.eventfd2(0, EFD.NONBLOCK), "eventfd2");
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly KeyDecoder _keys = new();
    private readonly byte[] _typed = new byte[1024];
    private readonly Lock _lock = new();
    private ScreenEvent _happened;

    /// <summary>Begins to listen to signals.</summary>
    public ScreenEvents()
    {
        foreach (int signal in s_ends)
            On((PosixSignal)signal, ScreenEvent.End, signal);
        On(PosixSignal.SIGWINCH, ScreenEvent.Resized);
        On(PosixSignal.SIGTSTP, ScreenEvent.Suspend);
        On(PosixSignal.SIGCONT, ScreenEvent.Continued);
    }

    /// <summary>The signal for <see cref="ScreenEvent.End"/>.</summary>
    public int EndSignal { get; private set; }

    /// <summary>Wakes the view; from any thread.</summary>
    public void Tell(ScreenEvent happened)
    {
        lock (_lock)
        {
            _happened |= happened;
            if (!_counter.IsClosed)
                _ = Sys.write(_counter.Value, BitConverter.GetBytes(1UL)); // ignored: a full counter wakes as well
        }
    }

    /// <summary>Waits.</summary>
    /// <param name="milliseconds">How long at most.</param>
    /// <param name="keys">Gets the keys.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ScreenEvent Wait(int milliseconds, List<Key> keys)
    {
        Span<pollfd> fds = [new pollfd { fd = Screen.Input, events = POLL.IN }, new pollfd { fd = _counter.Value, events = POLL.IN }];
        bool waitsForRest = _keys.IsPending;
        int ready = Sys.poll(fds, waitsForRest ? EscapeMilliseconds : milliseconds);
        if (!Sys.Is(ready, Errno.EINTR))
            LinuxException.ThrowIfError(ready, "poll");
        if (ready == 0 && waitsForRest)
            _keys.Flush(keys);
        if (ready > 0 && fds[0].revents != 0)
            Read(keys);
        ScreenEvent happened = Take();
        return keys.Count > 0 ? happened | ScreenEvent.Keys : happened;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        lock (_lock)
            _counter.Dispose();
    }

    private void On(PosixSignal signal, ScreenEvent happened, int end = 0) => _signals.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (end != 0)
            EndSignal = end;
        Tell(happened);
    }));

    private void Read(List<Key> keys)
    {
        nint got = Sys.read(Screen.Input, _typed);
        if (Sys.Is(got, Errno.EINTR) || Sys.Is(got, Errno.EAGAIN))
            return;
        if (got > 0)
        {
            _keys.Feed(_typed.AsSpan(0, (int)got), keys);
            return;
        }
        EndSignal = SIG.HUP; // the terminal is gone
        Tell(ScreenEvent.End);
    }

    private ScreenEvent Take()
    {
        lock (_lock)
        {
            Span<byte> count = stackalloc byte[sizeof(ulong)];
            _ = Sys.read(_counter.Value, count); // ignored: there may have been none
            ScreenEvent happened = _happened;
            _happened = ScreenEvent.None;
            return happened;
        }
    }
}
