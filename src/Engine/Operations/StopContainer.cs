using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>A container that was asked to end, and is killed when it does not in time.</summary>
public sealed class StopContainer
{
    private readonly ContainerEngine _engine;
    private readonly ContainerRecord _record;
    private readonly Task<ExitRecord>? _end;

    private StopContainer(ContainerEngine engine, ContainerRecord record, Task<ExitRecord>? end)
    {
        _engine = engine;
        _record = record;
        _end = end;
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
        SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        return new StopContainer(engine, record, supervisor is null ? null : Task.Factory.StartNew(
            () =>
            {
                using (supervisor)
                    return supervisor.Stop(signal, timeoutMs: seconds is < 0 ? -1 : seconds * 1000);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
    }

    /// <summary>Waits for its end, and settles it.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">The supervisor could not do it.</exception>
    public void Finish()
    {
        if (_end is not null)
        {
            Ended.Await(() => _end.GetAwaiter().GetResult());
            _engine.Events.Container("stop", _record);
        }
        Ended.Collect(_engine, _record);
    }
}
