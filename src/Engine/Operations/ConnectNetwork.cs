using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>
/// Puts a container on a further network, or takes it off one: at once where it runs or waits for its restart, else with its next start. The rows are what counts: what
/// runs is brought to them, by the next command where this one is killed.
/// </summary>
public static class ConnectNetwork
{
    /// <summary>The purpose of the claim.</summary>
    internal const string Purpose = "change networks";

    /// <summary>Puts it on a network.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="settings">The network, and what is wanted there.</param>
    /// <exception cref="ContainerException">
    /// NotFound: no such network; Conflict: it is on it already, or has the network of the host or of another container; others as the network says.
    /// </exception>
    public static void Connect(ContainerEngine engine, ContainerRecord record, EndpointOptions settings) => Change(engine, record, (options, endpoints) =>
    {
        RequireOwn(record, options);
        NetworkRecord network = engine.Networks.Get(settings.Network);
        if (network.Name is BuiltInNetworks.Host or BuiltInNetworks.None)
            throw new ContainerException(ContainerErrorKind.Conflict, $"a container is put on network '{network.Name}' when it is made, and not later") { Hint = $"rundlet run --network {network.Name} …" };
        if (endpoints.Any(other => other.Network.Id == network.Id))
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is on network '{network.Name}' already");
        EndpointRecord added = new(network, settings);
        ContainerEndpoints.Validate(added);
        return [.. endpoints, added];
    });

    /// <summary>Takes it off a network.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="ContainerException">NotFound: it is not on it; Conflict: it has the network of the host, and that is meant.</exception>
    public static void Disconnect(ContainerEngine engine, ContainerRecord record, NetworkRecord network) => Change(engine, record, (options, endpoints) =>
    {
        if (network.Name == options.Network)
            RequireOwn(record, options);
        return endpoints.Any(endpoint => endpoint.Network.Id == network.Id)
            ? [.. endpoints.Where(endpoint => endpoint.Network.Id != network.Id)]
            : throw new ContainerException(ContainerErrorKind.NotFound, $"container '{record.Name}' is not on network '{network.Name}'")
            {
                Hint = endpoints.Count == 0 ? null : $"it is on {string.Join(", ", endpoints.Select(endpoint => $"'{endpoint.Network.Name}'"))}",
            };
    });

    /// <summary>Brings what runs to what the rows say, after a command was killed in between.</summary>
    internal static void Repair(ContainerEngine engine, ContainerRecord record)
    {
        ContainerOptions options = InspectContainer.OptionsOf(record);
        Bring(engine, record, options, ContainerEndpoints.Of(engine, record.Id, options));
    }

    private static void Change(ContainerEngine engine, ContainerRecord record, Func<ContainerOptions, IReadOnlyList<EndpointRecord>, IReadOnlyList<EndpointRecord>> decide)
    {
        record = Claims.Take(engine, record, Purpose);
        try
        {
            ContainerOptions options = InspectContainer.OptionsOf(record);
            IReadOnlyList<EndpointRecord> before = ContainerEndpoints.Of(engine, record.Id, options);
            IReadOnlyList<EndpointRecord> now = decide(options, before);
            Keep(engine, record, options, now);
            try
            {
                Bring(engine, record, options, now);
            }
            catch (Exception failed) when (failed is ContainerException or LinuxException)
            {
                Keep(engine, record, options, before);
                TryBring(engine, record, options, before);
                throw;
            }
        }
        finally
        {
            engine.Containers.Release(record.Id);
        }
    }

    private static void Bring(ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints)
    {
        LiveNetworks.Bring(engine, record, options, endpoints);
        NameFiles.ChangeResolver(engine.Paths.Container(record.Id), options, endpoints);
    }

    private static void TryBring(ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints)
    {
        try
        {
            Bring(engine, record, options, endpoints);
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            _ = failed; // ignored: the first error is the one to tell
        }
    }

    private static void RequireOwn(ContainerRecord record, ContainerOptions options)
    {
        if (options.Network != BuiltInNetworks.Host && NamespaceOptions.ContainerOf(options.Network) is null)
            return;
        string whose = options.Network == BuiltInNetworks.Host ? "the host" : "another container";
        throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' has the network of {whose}, and no other");
    }

    // The options say the first one's name; none is the mode without networks.
    private static void Keep(ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints)
    {
        string mode = endpoints.Count > 0 ? endpoints[0].Network.Name : BuiltInNetworks.None;
        engine.Networks.WhenFree(() =>
        {
            engine.Containers.SetNetworks(record, mode == options.Network ? record.Options : OptionsJson.Write(options with { Network = mode }), endpoints);
            return true;
        });
    }
}
