using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>A container that was asked to end, and is killed when it does not in time.</summary>
public sealed class StopContainer
{
    private readonly ContainerEngine _engine;
    private readonly ContainerRecord _record;
    private readonly int? _milliseconds;
    private readonly int? _signal;
    private Task<ExitRecord>? _end;

    private StopContainer(ContainerEngine engine, ContainerRecord record, int? seconds, int? signal)
    {
        _engine = engine;
        _record = record;
        _milliseconds = seconds is < 0 ? -1 : seconds * 1000;
        _signal = signal;
    }

    /// <summary>Stops it. One that does not run is left as it is.</summary>
    /// <inheritdoc cref="Begin"/>
    public static void Run(ContainerEngine engine, ContainerRecord record, int? seconds, int? signal = null) => Begin(engine, record, seconds, signal).Finish();

    /// <summary>Asks it to end, and comes back at once.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="seconds">How long to wait before killing; negative for ever; null for the container's own choice.</param>
    /// <param name="signal">The signal that asks it to end; null for the container's own choice.</param>
    /// <exception cref="Rundlet.Linux.ContainerException">The supervisor could not do it.</exception>
    public static StopContainer Begin(ContainerEngine engine, ContainerRecord record, int? seconds, int? signal = null)
    {
        var stop = new StopContainer(engine, record, seconds, signal);
        stop._end = stop.TryAsk();
        return stop;
    }

    /// <summary>Waits for its end, and settles it.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">The supervisor could not do it.</exception>
    public void Finish()
    {
        while (_end is { } end)
        {
            if (Ended.Await(() => end.GetAwaiter().GetResult()) is not null)
            {
                _engine.Events.Container("stop", _record);
                break;
            }
            // A supervisor that was killed meanwhile is followed by another one, which has not heard of it.
            _end = _engine.Repair(_record).IsRunning ? TryAsk() : null;
        }
        Ended.Collect(_engine, _record);
    }

    private Task<ExitRecord>? TryAsk()
    {
        SupervisorConnection? supervisor = _engine.TryConnect(_record);
        return supervisor is null ? null : Task.Factory.StartNew(
            () =>
            {
                using (supervisor)
                    return supervisor.Stop(_signal, _milliseconds);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }
}
