using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Stops a container and starts it again; one that does not run is only started.</summary>
public static class RestartContainer
{
    /// <summary>Restarts it. Of two at once each finds it started after it was asked.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="seconds">How long to wait before killing; negative for ever; null for the container's own choice.</param>
    /// <param name="signal">The signal that asks it to end; null for the container's own choice.</param>
    /// <exception cref="ContainerException">Why it could not be stopped or started; Conflict: it goes when it ends.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, int? seconds, int? signal)
    {
        if (record.AutoRemove && engine.StandingOf(record).IsRunning)
        {
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' was run with --rm: stopped it would be gone, with all that it wrote")
            {
                Hint = "leave --rm away for a container that is to be restarted",
            };
        }
        StopContainer.Run(engine, record, seconds, signal);
        StartContainer.Run(engine, record);
        engine.Events.Container("restart", record);
    }
}
