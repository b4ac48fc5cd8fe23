using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Engine.Stats;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Top;

/// <summary>Something that the live view can do to a container, after it has asked.</summary>
/// <param name="Verb">What it is called in the question.</param>
/// <param name="Done">What it is called afterwards.</param>
/// <param name="Run">Does it.</param>
internal sealed record TopAction(string Verb, string Done, Action<ContainerEngine, ContainerRecord> Run)
{
    /// <summary>What a key means for a container; null for nothing.</summary>
    public static TopAction? Of(char key, ContainerSample container) => key switch
    {
        'k' => new("kill", "killed", (engine, record) => KillContainer.Run(engine, record, SIG.KILL)),
        's' => new("stop", "stopped", (engine, record) => StopContainer.Run(engine, record, null, null)),
        'r' => new("restart", "restarted", (engine, record) => RestartContainer.Run(engine, record, null, null)),
        'p' when container.Standing.Phase == ContainerPhase.Paused => new("unpause", "unpaused", PauseContainer.Thaw),
        'p' => new("pause", "paused", PauseContainer.Freeze),
        _ => null,
    };
}
