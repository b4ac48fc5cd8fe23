using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>Asks the container to end, and kills it when it has not done so in time.</summary>
internal sealed class StopDuty : IDisposable
{
    private readonly ContainerDuty _container;
    private readonly Timer _timer;

    /// <summary>Nothing happens before <see cref="Begin"/>.</summary>
    public StopDuty(EventLoop loop, ContainerDuty container)
    {
        _container = container;
        _timer = new Timer(loop, Kill);
    }

    /// <summary>Begins, or begins anew with another time: the last word counts.</summary>
    /// <param name="signal">The signal; null for the configured one.</param>
    /// <param name="timeoutMs">Milliseconds; negative for ever; null for the configured time.</param>
    /// <exception cref="ContainerException">No such signal.</exception>
    public void Begin(int? signal, int? timeoutMs)
    {
        TrySignal(signal ?? _container.Config.StopSignal);
        if (_container.IsPaused)
            _container.Resume(); // a frozen container could not obey
        int milliseconds = timeoutMs ?? _container.Config.StopTimeoutMs;
        if (milliseconds >= 0)
            _timer.Arm(milliseconds);
        else
            _timer.Dispose();
    }

    /// <summary>The container has ended: nobody asked its next life to.</summary>
    public void End() => _timer.Dispose();

    /// <inheritdoc/>
    public void Dispose() => End();

    private void Kill() => TrySignal(SIG.KILL);

    private void TrySignal(int signal)
    {
        try
        {
            _container.Signal(signal);
        }
        catch (ContainerException gone) when (gone.Kind == ContainerErrorKind.Conflict)
        {
            _ = gone; // ignored: it has ended meanwhile, its SIGCHLD is on the way
        }
    }
}
