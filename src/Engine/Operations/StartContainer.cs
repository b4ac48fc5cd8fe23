using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Starts a container that was made before, or has ended.</summary>
public static class StartContainer
{
    /// <summary>Starts it and comes back when its program runs. One that another command is starting is waited for.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="attach">Called when it is there and its program does not run yet: who attaches then loses no byte. Null for nobody.</param>
    /// <returns>Whether it was started; false where it runs already.</returns>
    /// <exception cref="ContainerException">Why it could not be started.</exception>
    public static bool Run(ContainerEngine engine, ContainerRecord record, Action<ContainerStart>? attach = null)
    {
        record = Claims.Take(engine, record, "start");
        try
        {
            ContainerStanding standing = engine.StandingOf(record);
            if (standing.IsRunning)
                return false;
            if (standing.State is not null)
            {
                // It has just ended: its supervisor still cleans up.
                Ended.AwaitSupervisor(standing);
                Settle.Ended(engine, record, engine.StandingOf(record), mustRecord: false);
            }
            Start(engine, record, attach);
            return true;
        }
        finally
        {
            engine.Containers.Release(record.Id);
        }
    }

    private static void Start(ContainerEngine engine, ContainerRecord record, Action<ContainerStart>? attach)
    {
        const int OwnFailure = SupervisorFailure.OwnFailure;
        ContainerStart? start = null;
        try
        {
            start = ContainerStart.Begin(engine, record, InspectContainer.OptionsOf(record));
            start.WaitCreated();
            attach?.Invoke(start);
            start.Go();
        }
        catch (Exception e) when (e is ContainerException or LinuxException)
        {
            new StartFailure(e.Message, ContainerException.HintOf(e), start?.Failure?.ExitCode ?? OwnFailure, DateTimeOffset.UtcNow).Save(engine.Paths, record.Id);
            throw;
        }
        finally
        {
            start?.Dispose();
        }
    }

    /// <summary>
    /// Whether we make the network namespace, beside other work. In a user namespace of its own the container makes it itself: who is root in
    /// there is to have rights over it.
    /// </summary>
    internal static bool MakesNetwork(ContainerOptions options) => ParseNetwork(options.Network) != NetworkMode.Host && !options.Namespaces.HasUsers;

    /// <summary>What a container's network mode means for its namespace; the name of any network of ours is <see cref="NetworkMode.Bridge"/>.</summary>
    public static NetworkMode ParseNetwork(string text) => text switch
    {
        BuiltInNetworks.None => NetworkMode.None,
        BuiltInNetworks.Host => NetworkMode.Host,
        _ when NamespaceOptions.ContainerOf(text) is { Length: > 0 } => NetworkMode.Host, // neither is made by us
        _ => NetworkMode.Bridge,
    };
}
