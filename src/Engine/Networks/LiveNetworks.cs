using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Networks;

/// <summary>
/// Brings the networks of a container that runs, or will run again by itself, to what is wanted: off those that it is not to be on, on those that it is to be on, and its files
/// and names after them. The note is written after each step, so that whoever is killed leaves little to find out. The caller has the claim.
/// </summary>
internal static class LiveNetworks
{
    /// <summary>Does it; nothing for a container that neither runs nor waits for its next start.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="options">Its options.</param>
    /// <param name="endpoints">The networks that it is to be on.</param>
    /// <exception cref="ContainerException">Why it cannot be; what was done before stays done.</exception>
    public static void Bring(ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints)
    {
        ContainerStanding standing = engine.StandingOf(record);
        if (!standing.HoldsNetwork || NetworkNote.TryRead(engine.Paths, record.Id) is not { } before)
            return;
        NetworkNote now = before;
        try
        {
            using ContainerNamespace? inside = LiveNamespace.TryEnter(standing);
            if (inside is null)
                return;
            foreach (EndpointNote left in before.Endpoints.Where(note => !endpoints.Any(endpoint => NetworkDefinitions.LibraryIdOf(endpoint.Network.Id) == note.NetworkId)))
            {
                NetworkNameFiles.Remove(engine, record.Id, left.NetworkId);
                now = Save(engine, record, engine.Network.DisconnectLive(record.Id, now.ToAttachment(record.Id), NetworkDefinitions.Of(engine, left), inside));
                engine.Networks.Tell("disconnect", NetworkDefinitions.IdOf(left.NetworkId), left.Name, left.Driver, record.Id);
            }
            foreach (EndpointRecord added in endpoints.Where(endpoint => before.On(NetworkDefinitions.LibraryIdOf(endpoint.Network.Id)) is null))
            {
                now = Save(engine, record, engine.Network.ConnectLive(record.Id, now.ToAttachment(record.Id), NetworkDefinitions.Of(engine, added), inside, PublishedPorts.Of(options)));
                engine.Networks.Tell("connect", added.Network.Id, added.Network.Name, added.Network.Driver, record.Id);
            }
        }
        catch (LinuxException) when (!engine.StandingOf(record).HoldsNetwork)
        {
            return; // it ended meanwhile: whoever settles that frees the rest
        }
        ListenedPorts.Bring(engine, record, now);
        NetworkNameFiles.Write(engine, record, options, endpoints, now);
        ServeNames(engine, record, endpoints);
        NameFiles.ChangeHosts(engine.Paths.Container(record.Id), options, options.Hostname ?? record.ShortId, before, now);
    }

    // One that was on no network with names has no name server yet. Without a supervisor the next one looks by itself.
    private static void ServeNames(ContainerEngine engine, ContainerRecord record, IReadOnlyList<EndpointRecord> endpoints)
    {
        if (!endpoints.Any(endpoint => ContainerEndpoints.HasNames(endpoint.Network)))
            return;
        using SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        supervisor?.ServeNames();
    }

    private static NetworkNote Save(ContainerEngine engine, ContainerRecord record, NetworkAttachment attachment)
    {
        NetworkNote note = NetworkNote.Of(attachment);
        note.Save(engine.Paths, record.Id);
        return note;
    }
}
