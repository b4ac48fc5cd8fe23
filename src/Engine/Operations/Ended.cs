using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>What a command does that saw a container end: it does not leave the rest to the next one.</summary>
public static class Ended
{
    private const int ExitMilliseconds = 10_000;

    /// <summary>Waits for an exit; null when the supervisor went without a word.</summary>
    public static ExitRecord? Await(Func<ExitRecord> wait)
    {
        try
        {
            return wait();
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.Unavailable)
        {
            return null; // what it left says how it ended
        }
    }

    /// <summary>Settles a container that has ended, when nobody else is at it; removes it when it was made to be.</summary>
    public static void Collect(ContainerEngine engine, ContainerRecord record)
    {
        ContainerStanding standing = engine.StandingOf(record);
        if (standing.IsRunning)
            return;
        AwaitSupervisor(standing);
        Reconcile.Collect(engine, record);
    }

    /// <summary>Waits until the supervisor has ended, which it does right after it told the exit.</summary>
    internal static void AwaitSupervisor(ContainerStanding standing)
    {
        if (standing.State is not { } state)
            return;
        int answer = Sys.pidfd_open(state.SupervisorPid);
        if (answer < 0)
            return; // gone
        using OwnedFd pidfd = new(answer);
        if (!new ProcessIdentity(state.SupervisorPid, state.SupervisorStartTime).IsAlive)
            return;
        Span<pollfd> ends = [new pollfd { fd = pidfd.Value, events = POLL.IN }];
        _ = Sys.poll(ends, ExitMilliseconds); // ignored: one that hangs is left to the next command
    }
}
