using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>Stops a container and starts it again; one that does not run is only started.</summary>
public static class RestartContainer
{
    /// <summary>Restarts it. Of two at once each finds it started after it was asked.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="seconds">How long to wait before killing; negative for ever; null for the container's own choice.</param>
    /// <param name="signal">The signal that asks it to end; null for the container's own choice.</param>
    /// <exception cref="ContainerException">Why it could not be stopped or started.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, int? seconds, int? signal)
    {
        if (!record.AutoRemove || !TryUnderSupervisor(engine, record, seconds is < 0 ? -1 : seconds * 1000, signal))
        {
            StopContainer.Run(engine, record, seconds, signal);
            StartContainer.Run(engine, record);
        }
        engine.Events.Container("restart", record);
    }

    // One that goes when it ends: between its stop and its start nobody but its supervisor may have a hand in it. Killed at any moment, this
    // command has either asked for nothing yet, or all of it is going to happen.
    private static bool TryUnderSupervisor(ContainerEngine engine, ContainerRecord record, int? milliseconds, int? signal)
    {
        ContainerStanding before = engine.StandingOf(record);
        while (engine.TryConnect(record) is { } supervisor)
        {
            using (supervisor)
            {
                try
                {
                    supervisor.Restart(signal, milliseconds);
                    return true;
                }
                catch (ContainerException killed) when (killed.Kind == ContainerErrorKind.Unavailable)
                {
                    ContainerStanding now = engine.Repair(record);
                    if (now.HasProcess && now.State!.StartedAt != before.State?.StartedAt)
                        return true; // it was between the two, and the next supervisor has gone on there
                }
            }
        }
        return false;
    }
}
