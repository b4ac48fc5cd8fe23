using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Images.Snapshots;

namespace Rundlet.Engine.Operations;

/// <summary>The space that a container takes.</summary>
/// <param name="Record">Its row.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="Bytes">What it has written.</param>
public sealed record ContainerUsage(ContainerRecord Record, ContainerStanding Standing, long Bytes)
{
    /// <summary>Measures all containers, the newest first.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public static List<ContainerUsage> ReadAll(ContainerEngine engine) =>
        [.. engine.Containers.List().Select(record => new ContainerUsage(record, engine.StandingOf(record), WritableSize.Of(engine.Paths.Container(record.Id))))];
}
