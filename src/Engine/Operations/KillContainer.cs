using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Sends a signal to a container's first process.</summary>
public static class KillContainer
{
    /// <summary>Sends it; after SIGKILL waits for the end.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">Conflict: the container does not run.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, int signal)
    {
        using SupervisorConnection supervisor = engine.Connect(record);
        supervisor.Signal(signal);
        if (signal != SIG.KILL)
            return;
        Ended.Await(() => supervisor.Wait());
        Ended.Collect(engine, record);
    }
}
