using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>Asks a container to end, and kills it when it does not in time.</summary>
public static class StopContainer
{
    /// <summary>Stops it. One that does not run is left as it is.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="seconds">How long to wait before killing; negative for ever; null for the container's own choice.</param>
    /// <exception cref="Rundlet.Linux.ContainerException">The supervisor could not do it.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, int? seconds)
    {
        using SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        if (supervisor is not null)
        {
            Ended.Await(() => supervisor.Stop(timeoutMs: seconds is < 0 ? -1 : seconds * 1000));
            engine.Events.Container("stop", record);
        }
        Ended.Collect(engine, record);
    }
}
