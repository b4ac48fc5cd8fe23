using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Network;

namespace Rundlet.Engine.Networks;

/// <summary>
/// The network namespace of a container, also between two lives: its supervisor keeps it while it waits for the next start, and nobody sets the
/// network up again for that one.
/// </summary>
internal static class LiveNamespace
{
    /// <summary>Enters it.</summary>
    /// <returns>Null where it is not there: the container does not run, or its supervisor is gone while it waits.</returns>
    /// <exception cref="Syscalls.LinuxException">The kernel refused, or the container has ended meanwhile.</exception>
    public static ContainerNamespace? TryEnter(ContainerStanding standing)
    {
        if (standing.State is not { } state || !standing.HoldsNetwork)
            return null;
        if (standing.HasProcess)
            return ContainerNamespace.Enter(state.Pid);
        ContainerNamespace? held = ContainerNamespace.TryEnterHeldBy(state.SupervisorPid);
        if (new ProcessIdentity(state.SupervisorPid, state.SupervisorStartTime).IsAlive)
            return held;
        held?.Dispose(); // of whoever has got its number
        return null;
    }
}
