using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Network.Ports;

namespace Rundlet.Engine.Operations;

/// <summary>The ports that a container publishes.</summary>
internal static class PublishedPorts
{
    /// <summary>Who judges those that come: nobody, as with docker; the host's input firewall.</summary>
    public const string OpenPolicy = "open", HostPolicy = "host";

    /// <summary>Those that the user named and, where all are wanted, the rest of the exposed ones at any free port.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">InvalidArgument: one is malformed.</exception>
    public static IReadOnlyList<PortRequest> Of(ContainerOptions options)
    {
        List<PortRequest> ports = [.. options.Ports.SelectMany(PortRequest.Parse)];
        if (options.PublishAll)
            AddExposed(ports, options);
        return options.PublishPolicy == HostPolicy ? ports.ConvertAll(static port => port with { ObeysHost = true }) : ports;
    }

    /// <summary>Refuses what could not be published now, before a container is made for it. Nothing is reserved by that.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="options">The container's options.</param>
    /// <param name="endpoints">The networks that it is to be on.</param>
    /// <exception cref="Linux.ContainerException">Conflict: another container or another program has a port; others as publishing would say.</exception>
    public static void RequireFree(ContainerEngine engine, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints)
    {
        if (options.Ports.Count > 0 && endpoints.Count > 0)
            engine.Network.RequireFree([.. endpoints.Select(endpoint => NetworkDefinitions.Of(engine, endpoint))], Of(options with { PublishAll = false }));
    }

    private static void AddExposed(List<PortRequest> ports, ContainerOptions options)
    {
        foreach (PortRequest exposed in options.Exposed.SelectMany(PortRequest.Parse).SelectMany(static port => port.Expand()))
        {
            if (!ports.Exists(port => exposed.ContainerPort >= port.ContainerPort && exposed.ContainerPort < port.ContainerPort + port.Count && port.Protocol == exposed.Protocol))
                ports.Add(exposed);
        }
    }
}
