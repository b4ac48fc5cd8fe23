using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>How an attached session ended.</summary>
internal enum AttachOutcome
{
    /// <summary>The container ended.</summary>
    Exited,

    /// <summary>The user typed the detach keys; the container runs on.</summary>
    Detached,

    /// <summary>The supervisor went without a word.</summary>
    Lost,
}

/// <summary>How an attached session ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Exit">The container's end; null unless it ended.</param>
internal readonly record struct AttachResult(AttachOutcome Outcome, ExitRecord? Exit);

/// <summary>
/// Our standard streams and signals tied to a container's:
/// <code>
///   this thread     supervisor ──► standard output, standard error
///   another thread  standard input (raw, with a terminal) ──► supervisor; the detach keys end it
///   signals         HUP INT QUIT TERM USR1 USR2 ──► the container's first process, unless they are not to be passed on;
///                   WINCH ──► its terminal's size
/// </code>
/// The terminal is as it was when this is disposed.
/// </summary>
internal sealed class AttachedSession(SupervisorConnection connection, string runFolder, bool stdin, bool terminal, DetachKeys detachKeys, bool passesSignals) : IDisposable
{
    private const int Block = 32 << 10;
    private const int StandardInput = 0;

    private readonly CancellationTokenSource _detached = new();
    private readonly bool[] _closed = new bool[3];
    private RawTerminal? _raw;
    private SignalForwarder? _signals;

    /// <summary>Sets terminal and signals up; before the container starts, so that none is lost.</summary>
    public void Prepare()
    {
        _signals = new SignalForwarder(passesSignals ? Forward : null, terminal ? Resize : null);
        if (!terminal)
            return;
        if (stdin)
            _raw = RawTerminal.TryEnter(StandardInput);
        Resize();
    }

    /// <summary>Copies until the container ends or the user detaches.</summary>
    public AttachResult Run()
    {
        if (stdin)
            new Thread(CopyInput, 256 << 10) { IsBackground = true, Name = "stdin" }.Start();
        return Copy(connection);
    }

    /// <summary>Copies output once more, from another supervisor that has taken the container over.</summary>
    /// <exception cref="ContainerException">Conflict: there is nothing to attach to any more.</exception>
    public AttachResult RunOn(SupervisorConnection other, bool stdout, bool stderr)
    {
        try
        {
            other.Attach(stdin: false, stdout, stderr);
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.Unavailable)
        {
            return new AttachResult(AttachOutcome.Lost, null);
        }
        return Copy(other);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals?.Dispose();
        _raw?.Dispose();
    }

    private AttachResult Copy(SupervisorConnection from)
    {
        try
        {
            while (true)
            {
                switch (from.Read(out ReadOnlySpan<byte> payload, _detached.Token))
                {
                    case FrameType.Stdout:
                        Write(1, payload);
                        break;
                    case FrameType.Stderr:
                        Write(2, payload);
                        break;
                    case FrameType.Exit:
                        return new AttachResult(AttachOutcome.Exited, ExitRecord.Read(payload));
                }
            }
        }
        catch (OperationCanceledException)
        {
            return new AttachResult(AttachOutcome.Detached, null);
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.Unavailable)
        {
            return new AttachResult(AttachOutcome.Lost, null);
        }
    }

    private void CopyInput()
    {
        DetachKeys? keys = terminal ? detachKeys : null;
        byte[] typed = new byte[Block], passed = new byte[Block + (keys?.MostHeld ?? 0)];
        while (true)
        {
            nint got = Sys.read(StandardInput, typed);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            if (got <= 0)
            {
                connection.EndStdin();
                return;
            }
            int length = (int)got;
            bool detach = keys?.Filter(typed.AsSpan(0, length), passed, out length) ?? false;
            if (!connection.WriteStdin((keys is null ? typed : passed).AsSpan(0, length)))
                return;
            if (!detach)
                continue;
            connection.Detach();
            _detached.Cancel();
            return;
        }
    }

    // A reader of ours that went away (`| head`) must not hold the container up: the rest is read and dropped.
    private void Write(int fd, ReadOnlySpan<byte> bytes)
    {
        if (_closed[fd])
            return;
        try
        {
            FileIo.WriteAll(fd, bytes, "standard stream");
        }
        catch (LinuxException e) when (e.Errno == Errno.EPIPE)
        {
            _closed[fd] = true;
        }
    }

    private void Forward(int signal)
    {
        using SupervisorConnection? other = SupervisorConnection.TryOpen(runFolder);
        try
        {
            other?.Signal(signal);
        }
        catch (ContainerException)
        {
            // the container has ended meanwhile, and its exit is on its way
        }
    }

    private void Resize()
    {
        if (RawTerminal.TrySizeOf(StandardInput) is { } size)
            connection.Resize(size.Rows, size.Columns);
    }
}
