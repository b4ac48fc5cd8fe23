using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;

namespace Rundlet.Engine.Operations;

/// <summary>Lists containers.</summary>
public static class ListContainers
{
    /// <summary>The containers, the newest first.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="all">Whether those that do not run are among them.</param>
    public static List<ContainerSummary> Run(ContainerEngine engine, bool all)
    {
        List<ContainerSummary> containers = [];
        foreach (ContainerRecord record in engine.Containers.List())
        {
            ContainerStanding standing = engine.StandingOf(record);
            if (all || standing.IsRunning)
                containers.Add(new ContainerSummary(record, standing, standing.IsRunning ? NetworkNote.TryRead(engine.Paths, record.Id) : null));
        }
        return containers;
    }
}

/// <summary>A container in a list.</summary>
/// <param name="Record">Its row.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="Network">Its network; null when it does not run.</param>
public sealed record ContainerSummary(ContainerRecord Record, ContainerStanding Standing, NetworkNote? Network);
