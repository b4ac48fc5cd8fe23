using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>Freezes the processes of a container, and lets them run again.</summary>
public static class PauseContainer
{
    /// <summary>Freezes them.</summary>
    /// <exception cref="ContainerException">Conflict: it does not run, or is paused already; Unsupported: there is no freezer.</exception>
    public static void Freeze(ContainerEngine engine, ContainerRecord record)
    {
        using SupervisorConnection supervisor = engine.Connect(record);
        if (supervisor.State().Status == Runtime.ContainerStatus.Paused)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is already paused");
        supervisor.Pause();
    }

    /// <summary>Lets them run again.</summary>
    /// <exception cref="ContainerException">Conflict: it does not run, or is not paused.</exception>
    public static void Thaw(ContainerEngine engine, ContainerRecord record)
    {
        using SupervisorConnection supervisor = engine.Connect(record);
        if (supervisor.State().Status != Runtime.ContainerStatus.Paused)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is not paused");
        supervisor.Resume();
    }
}
