using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network;

namespace Rundlet.Engine.Operations;

/// <summary>Starts a container that was made before, or has ended.</summary>
public static class StartContainer
{
    /// <summary>Starts it and comes back when its program runs; nobody is attached.</summary>
    /// <exception cref="ContainerException">Conflict: it runs already; else why it could not be started.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record)
    {
        engine.Containers.Claim(record, "start");
        try
        {
            ContainerStanding standing = engine.StandingOf(record);
            if (standing.IsRunning)
                return;
            if (standing.State is not null)
            {
                // It has just ended: its supervisor still cleans up.
                Ended.AwaitSupervisor(standing);
                Settle.Ended(engine, record, engine.StandingOf(record));
            }
            using ContainerStart start = ContainerStart.Begin(engine, record, InspectContainer.OptionsOf(record));
            start.WaitCreated();
            start.Go();
        }
        finally
        {
            engine.Containers.Release(record.Id);
        }
    }

    /// <summary>Reads a value of <c>--network</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static NetworkMode ParseNetwork(string text) => text switch
    {
        "bridge" or "default" => NetworkMode.Bridge,
        "none" => NetworkMode.None,
        "host" => NetworkMode.Host,
        _ => throw new ContainerException(ContainerErrorKind.NotFound, $"no such network '{text}'") { Hint = "there are bridge, none and host" },
    };
}
