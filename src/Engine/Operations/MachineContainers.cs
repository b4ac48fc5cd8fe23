using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Containers that come up and go down with the machine.</summary>
public static class MachineContainers
{
    /// <summary>
    /// Those that do not run and whose restart policy wants them started, the oldest first. One whose documents cannot be read is among them:
    /// whoever starts it is told so, and the others come up.
    /// </summary>
    public static List<ContainerRecord> ToStart(ContainerEngine engine)
    {
        List<ContainerRecord> wanted = [];
        foreach (ContainerRecord record in engine.Containers.List())
        {
            if (WantsStart(engine, record))
                wanted.Add(record);
        }
        wanted.Reverse();
        return wanted;
    }

    /// <summary>
    /// Stops all, at once, and waits for them. Unlike a user's stop it is no word against their restart policies: they are started
    /// with the machine again.
    /// </summary>
    /// <returns>Those that ran.</returns>
    public static List<ContainerRecord> ShutDown(ContainerEngine engine)
    {
        List<(ContainerRecord Record, OwnedFd Supervisor)> ending = [];
        foreach (ContainerRecord record in engine.Containers.List())
        {
            if (engine.StandingOf(record) is { IsRunning: true, State: { } state } && TryTerminate(state) is { } supervisor)
                ending.Add((record, supervisor));
        }
        foreach ((ContainerRecord record, OwnedFd supervisor) in ending)
        {
            using (supervisor)
                Await(supervisor);
            Ended.Collect(engine, record);
        }
        return [.. ending.Select(item => item.Record)];
    }

    private static bool WantsStart(ContainerEngine engine, ContainerRecord record)
    {
        try
        {
            // One that has never been started is not started by a policy.
            return engine.StandingOf(record) is { IsRunning: false, Exit: { } exit }
                && SupervisorConfig.TryReadIn(engine.Paths.Container(record.Id))?.Restart.WantsStart(exit) == true;
        }
        catch (SpecFormatException)
        {
            return true;
        }
    }

    private static OwnedFd? TryTerminate(ContainerRuntimeState state)
    {
        int answer = Sys.pidfd_open(state.SupervisorPid);
        if (answer < 0)
            return null; // it has just ended
        OwnedFd supervisor = new(answer);
        if (new ProcessIdentity(state.SupervisorPid, state.SupervisorStartTime).IsAlive && Sys.pidfd_send_signal(answer, SIG.TERM) >= 0)
            return supervisor;
        supervisor.Dispose();
        return null;
    }

    // As long as it takes: the supervisor kills what does not obey in time.
    private static void Await(OwnedFd supervisor)
    {
        Span<pollfd> ends = [new pollfd { fd = supervisor.Value, events = POLL.IN }];
        while (Sys.Is(Sys.poll(ends, -1), Errno.EINTR))
        {
            // a signal of ours
        }
    }
}
