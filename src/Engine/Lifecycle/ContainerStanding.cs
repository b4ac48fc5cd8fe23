using System.Text;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Lifecycle;

/// <summary>
/// Where a container stands: read off the supervisor's files and the kernel each time it is asked, never remembered.
/// <code>
/// RUN/containers/ID/exit.json                                  exited
/// RUN/containers/ID/state.json   status created or running     that
///                                status stopped                restarting
/// ROOT/containers/ID/exit.json                                 exited
/// nothing                                                      created
///
/// state.json whose supervisor is gone                          a crash: <see cref="NeedsRepair"/>
///                                and whose first process lives running
///                                and waits for its restart     restarting
///                                else                          exited
/// </code>
/// </summary>
public sealed record ContainerStanding
{
    /// <summary>The phase.</summary>
    public required ContainerPhase Phase { get; init; }

    /// <summary>Pids and cgroup of the running container; null when it does not run.</summary>
    public ContainerRuntimeState? State { get; init; }

    /// <summary>How it ended the last time; null when it runs, never ran, or nobody has looked yet after a crash.</summary>
    public ExitRecord? Exit { get; init; }

    /// <summary>Whether its supervisor is gone and left the run folder behind.</summary>
    public bool NeedsRepair { get; init; }

    /// <summary>Whether it runs, frozen or not, or will run again without anybody doing anything: as docker has it.</summary>
    public bool IsRunning => Phase is ContainerPhase.Running or ContainerPhase.Paused or ContainerPhase.Restarting;

    /// <summary>Whether it has a first process, frozen or not.</summary>
    public bool HasProcess => Phase is ContainerPhase.Running or ContainerPhase.Paused;

    /// <summary>How often its restart policy has started it again since a user did.</summary>
    public int RestartCount => State?.RestartCount ?? Exit?.RestartCount ?? 0;

    /// <summary>Reads it.</summary>
    public static ContainerStanding Read(EnginePaths paths, string id)
    {
        string live = paths.Live(id);
        if (FileIo.TryReadText($"{live}/{ContainerRuntimeState.FileName}") is { } text)
        {
            ContainerRuntimeState state = ContainerRuntimeState.Read(Encoding.UTF8.GetBytes(text));
            // The exit record is on disk before anyone is told: a supervisor that still cleans up has ended all the same.
            ExitRecord? ended = TryReadExit($"{live}/{ExitRecord.FileName}");
            bool supervised = new ProcessIdentity(state.SupervisorPid, state.SupervisorStartTime).IsAlive;
            ContainerPhase phase = ended is not null ? ContainerPhase.Exited : supervised ? PhaseOf(state) : OrphanedPhaseOf(state);
            ExitRecord? exited = ended ?? (phase == ContainerPhase.Restarting ? state.LastExit : null);
            return new ContainerStanding { Phase = phase, State = state, Exit = exited, NeedsRepair = !supervised };
        }
        ExitRecord? exit = TryReadExit($"{paths.Container(id)}/{ExitRecord.FileName}");
        return new ContainerStanding { Phase = exit is null ? ContainerPhase.Created : ContainerPhase.Exited, Exit = exit };
    }

    private static ContainerPhase PhaseOf(ContainerRuntimeState state) => state.Status switch
    {
        ContainerStatus.Created => ContainerPhase.Created,
        ContainerStatus.Paused => ContainerPhase.Paused,
        ContainerStatus.Stopped => ContainerPhase.Restarting,
        _ => ContainerPhase.Running,
    };

    // One that was created and never started ends by itself: its first process sees that nobody is there to start it.
    private static ContainerPhase OrphanedPhaseOf(ContainerRuntimeState state) => state.Status switch
    {
        ContainerStatus.Stopped => ContainerPhase.Restarting,
        ContainerStatus.Running or ContainerStatus.Paused when new ProcessIdentity(state.Pid, state.PidStartTime).IsAlive => PhaseOf(state),
        _ => ContainerPhase.Exited,
    };

    private static ExitRecord? TryReadExit(string path) =>
        FileIo.TryReadText(path) is { } text ? ExitRecord.Read(Encoding.UTF8.GetBytes(text)) : null;
}
