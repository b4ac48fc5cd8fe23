using System.Text;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Lifecycle;

/// <summary>
/// Where a container stands: read off the supervisor's files and the kernel each time it is asked, never remembered.
/// <code>
/// RUN/containers/ID/state.json   and its supervisor lives      running (or about to)
/// ROOT/containers/ID/exit.json                                 exited
/// neither                                                      created
/// state.json whose supervisor is gone                          a crash: <see cref="NeedsRepair"/>
/// </code>
/// </summary>
public sealed record ContainerStanding
{
    /// <summary>The phase.</summary>
    public required ContainerPhase Phase { get; init; }

    /// <summary>Pids and cgroup of the running container; null when it does not run.</summary>
    public ContainerRuntimeState? State { get; init; }

    /// <summary>How it ended the last time; null when it runs or never ran.</summary>
    public ExitRecord? Exit { get; init; }

    /// <summary>Whether its supervisor is gone and left the run folder behind.</summary>
    public bool NeedsRepair { get; init; }

    /// <summary>Whether it runs, frozen or not.</summary>
    public bool IsRunning => Phase is ContainerPhase.Running or ContainerPhase.Paused;

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
            if (ended is null && supervised)
            {
                ContainerPhase phase = state.Status switch
                {
                    ContainerStatus.Created => ContainerPhase.Created,
                    ContainerStatus.Paused => ContainerPhase.Paused,
                    _ => ContainerPhase.Running,
                };
                return new ContainerStanding { Phase = phase, State = state };
            }
            return new ContainerStanding { Phase = ContainerPhase.Exited, State = state, Exit = ended, NeedsRepair = !supervised };
        }
        ExitRecord? exit = TryReadExit($"{paths.Container(id)}/{ExitRecord.FileName}");
        return new ContainerStanding { Phase = exit is null ? ContainerPhase.Created : ContainerPhase.Exited, Exit = exit };
    }

    private static ExitRecord? TryReadExit(string path) =>
        FileIo.TryReadText(path) is { } text ? ExitRecord.Read(Encoding.UTF8.GetBytes(text)) : null;
}
