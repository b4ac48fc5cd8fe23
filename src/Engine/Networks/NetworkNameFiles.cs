using System.Net;
using Rundlet.Dns.Names;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Network;

namespace Rundlet.Engine.Networks;

/// <summary>What name servers of containers read: by which names a container is known on each network, and what its own name server asks.</summary>
internal static class NetworkNameFiles
{
    private const string NdotsOption = "ndots:";

    /// <summary>Writes both for a container that is being started, or whose networks have changed.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="options">Its options.</param>
    /// <param name="endpoints">Its networks.</param>
    /// <param name="note">Where it is in them.</param>
    public static void Write(ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints, NetworkNote note)
    {
        List<(string, string)> networks = [];
        foreach (EndpointRecord endpoint in endpoints)
        {
            string id = NetworkDefinitions.LibraryIdOf(endpoint.Network.Id);
            if (!ContainerEndpoints.HasNames(endpoint.Network) || note.On(id) is not { } where)
                continue;
            string folder = engine.Paths.Network(id);
            NetworkNames.Write(folder, record.Id, new NamesRecord { Addresses = [.. where.Addresses], Names = NamesOf(record, endpoint.Settings, options) });
            networks.Add((endpoint.Network.Name, folder));
        }
        if (networks.Count == 0)
        {
            ResolverConfig.Remove(engine.Paths.Live(record.Id));
            return;
        }
        new ResolverConfig
        {
            Networks = networks,
            Servers = [.. options.Dns.Servers.Select(IPAddress.Parse)],
            IsInternal = note.Endpoints.All(endpoint => endpoint.IsInternal),
            OnlyDotted = options.Dns.Options.Any(option => option.StartsWith(NdotsOption, StringComparison.Ordinal)),
        }.Write(engine.Paths.Live(record.Id));
    }

    /// <summary>The names of a container on a user-defined network: its own, its short id, its aliases, its host name.</summary>
    public static IReadOnlyList<string> NamesOf(ContainerRecord record, EndpointOptions settings, ContainerOptions options)
    {
        List<string> names = [record.Name, .. settings.Aliases, record.ShortId];
        if (options.Hostname is { } hostname && !names.Contains(hostname, StringComparer.OrdinalIgnoreCase))
            names.Add(hostname);
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Removes a container's names from a network.</summary>
    public static void Remove(ContainerEngine engine, string container, string libraryId) => NetworkNames.Remove(engine.Paths.Network(libraryId), container);

    /// <summary>Removes a container's names from all networks, wherever they are.</summary>
    public static void RemoveAll(ContainerEngine engine, string container)
    {
        foreach (string path in Directory.EnumerateDirectories(engine.Paths.Networks))
            NetworkNames.Remove(path, container);
    }

    /// <summary>Gives a container another name in all its networks.</summary>
    public static void Rename(ContainerEngine engine, string container, string from, string to)
    {
        foreach (string path in Directory.EnumerateDirectories(engine.Paths.Networks))
            NetworkNames.Rename(path, container, from, to);
    }
}
