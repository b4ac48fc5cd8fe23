using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Network;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Networks;

/// <summary>Brings the bounds of what comes in and goes out of a container that runs to what its rows say. The caller has the claim.</summary>
internal static class LiveRates
{
    /// <summary>Does it; nothing for a container that does not run.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Bring(ContainerEngine engine, ContainerRecord record, IReadOnlyList<EndpointRecord> endpoints)
    {
        ContainerStanding standing = engine.StandingOf(record);
        if (!standing.HoldsNetwork || NetworkNote.TryRead(engine.Paths, record.Id) is not { IsOurs: true } note)
            return;
        try
        {
            using ContainerNamespace? inside = LiveNamespace.TryEnter(standing);
            if (inside is null)
                return;
            foreach (EndpointRecord endpoint in endpoints)
            {
                if (note.On(NetworkDefinitions.LibraryIdOf(endpoint.Network.Id)) is { } where)
                    engine.Network.Limit(where.ToEndpoint(), NetworkDefinitions.BytesOf(endpoint.Settings.RateIn), NetworkDefinitions.BytesOf(endpoint.Settings.RateOut), inside);
            }
        }
        catch (LinuxException) when (!engine.StandingOf(record).HoldsNetwork)
        {
            return; // it ended meanwhile: its next start follows the rows
        }
    }
}
