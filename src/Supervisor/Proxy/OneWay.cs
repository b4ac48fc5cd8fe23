using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Proxy;

/// <summary>
/// One direction of a connection: what comes at the source goes to the sink, and the source's end becomes the sink's. Nothing is taken from the
/// source as long as something waits for the sink, so that a slow reader slows the writer.
/// </summary>
/// <param name="pipes">Lends the pipe.</param>
/// <param name="source">The socket that is read, not blocking.</param>
/// <param name="sink">The socket that is written, not blocking.</param>
internal sealed class OneWay(PipePool pipes, OwnedFd source, OwnedFd sink) : IDisposable
{
    // One that sends without an end must not keep others from their turn.
    private const int Rounds = 4;

    private Pipe? _pipe;
    private nint _waiting;
    private bool _sourceEnded;

    /// <summary>Whether all has been passed on, the end too.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Whether it waits for the source.</summary>
    public bool WantsSource => _waiting == 0 && !_sourceEnded;

    /// <summary>Whether it waits for the sink.</summary>
    public bool WantsSink => _waiting > 0;

    /// <summary>Moves what can be moved, some of it.</summary>
    /// <returns>False where the connection is broken.</returns>
    /// <exception cref="LinuxException">There is no pipe to be had.</exception>
    public bool Move()
    {
        for (int round = 0; round < Rounds && !IsOver; round++)
        {
            if (WantsSource && !TryFill(out bool broken))
                return !broken;
            if (WantsSink && !TryDrain(out broken))
                return !broken;
            if (_waiting > 0)
                continue;
            GiveBack();
            if (_sourceEnded)
                End();
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_waiting == 0)
            GiveBack();
        _pipe?.Dispose(); // what is in it is for nobody else
        _pipe = null;
    }

    // False where nothing has come.
    private bool TryFill(out bool broken)
    {
        _pipe ??= pipes.Take();
        nint got;
        do
            got = Sys.splice(source.Value, _pipe.Writing.Value, Pipe.Size, SPLICE.MOVE | SPLICE.NONBLOCK);
        while (Sys.Is(got, Errno.EINTR));
        broken = got < 0 && !Sys.Is(got, Errno.EAGAIN);
        _sourceEnded = got == 0;
        _waiting = Math.Max(got, 0);
        if (got < 0)
            GiveBack();
        return got >= 0;
    }

    // False where the sink takes no more.
    private bool TryDrain(out bool broken)
    {
        nint put;
        do
            put = Sys.splice(_pipe!.Reading.Value, sink.Value, _waiting, SPLICE.MOVE | SPLICE.NONBLOCK);
        while (Sys.Is(put, Errno.EINTR));
        broken = put <= 0 && !Sys.Is(put, Errno.EAGAIN);
        _waiting -= Math.Max(put, 0);
        return put > 0;
    }

    private void End()
    {
        _ = Sys.shutdown(sink.Value, SHUT.WR); // ignored: a sink that is gone is noticed by the other direction
        IsOver = true;
    }

    private void GiveBack()
    {
        if (_pipe is { } pipe)
            pipes.Give(pipe);
        _pipe = null;
    }
}
