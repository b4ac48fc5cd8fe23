namespace Rundlet.Supervisor.Proxy;

/// <summary>
/// Lends pipes. One is needed for the moment in which bytes are moved, and kept longer only where who gets them is slower than who sends them: as
/// a rule all connections share one.
/// </summary>
internal sealed class PipePool : IDisposable
{
    private Pipe? _spare;

    /// <summary>An empty pipe.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public Pipe Take()
    {
        Pipe pipe = _spare ?? Pipe.Make();
        _spare = null;
        return pipe;
    }

    /// <summary>Takes a pipe back, which must be empty.</summary>
    public void Give(Pipe pipe)
    {
        if (_spare is null)
            _spare = pipe;
        else
            pipe.Dispose();
    }

    /// <summary>Keeps nothing.</summary>
    public void Dispose()
    {
        _spare?.Dispose();
        _spare = null;
    }
}
