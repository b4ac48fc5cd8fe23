using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

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
/// state.json cannot be read                                     dead: <see cref="Damage"/>
/// exit.json cannot be read                                      exited, with a code that is not known
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

    /// <summary>Why its state file cannot be read; null where it can.</summary>
    public string? Damage { get; init; }

    /// <summary>Whether it runs, frozen or not, or will run again without anybody doing anything: as docker has it.</summary>
    public bool IsRunning => Phase is ContainerPhase.Running or ContainerPhase.Paused or ContainerPhase.Restarting;

    /// <summary>Whether it has a first process, frozen or not.</summary>
    public bool HasProcess => Phase is ContainerPhase.Running or ContainerPhase.Paused;

    /// <summary>Whether its network is there: it has a first process, or its supervisor waits for the next start and keeps the network for it.</summary>
    public bool HoldsNetwork => HasProcess || (Phase == ContainerPhase.Restarting && !NeedsRepair);

    /// <summary>How often its restart policy has started it again since a user did.</summary>
    public int RestartCount => State?.RestartCount ?? Exit?.RestartCount ?? 0;

    /// <summary>Reads it.</summary>
    public static ContainerStanding Read(EnginePaths paths, string id)
    {
        string live = paths.Live(id);
        ContainerRuntimeState? state;
        try
        {
            state = FileIo.TryReadBytes($"{live}/{ContainerRuntimeState.FileName}") is { } bytes ? ContainerRuntimeState.Read(bytes.Span) : null;
        }
        catch (Exception damaged) when (damaged is SpecFormatException or LinuxException)
        {
            return new ContainerStanding { Phase = ContainerPhase.Dead, Damage = $"'{live}/{ContainerRuntimeState.FileName}' is damaged: {damaged.Message}" };
        }
        if (state is not null)
        {
            // The exit record is on disk before anyone is told: a supervisor that still cleans up has ended all the same.
            ExitRecord? ended = TryReadExit(live);
            bool supervised = new ProcessIdentity(state.SupervisorPid, state.SupervisorStartTime).IsAlive;
            ContainerPhase phase = ended is not null ? ContainerPhase.Exited : supervised ? PhaseOf(state) : OrphanedPhaseOf(state);
            ExitRecord? exited = ended ?? (phase == ContainerPhase.Restarting ? state.LastExit : null);
            return new ContainerStanding { Phase = phase, State = state, Exit = exited, NeedsRepair = !supervised };
        }
        ExitRecord? exit = TryReadExit(paths.Container(id));
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

    // One that cannot be read still says that the container has ended.
    private static ExitRecord? TryReadExit(string folder)
    {
        try
        {
            return ExitRecord.TryReadIn(folder);
        }
        catch (Exception damaged) when (damaged is SpecFormatException or LinuxException)
        {
            DateTimeOffset written = File.GetLastWriteTimeUtc($"{folder}/{ExitRecord.FileName}");
            return ExitRecord.Unknown(written, $"'{folder}/{ExitRecord.FileName}' is damaged: {damaged.Message}") with { FinishedAt = written };
        }
    }
}
