using Rundlet.Engine.Options;
using Rundlet.Network.Ports;

namespace Rundlet.Engine.Operations;

/// <summary>The ports that a container publishes.</summary>
internal static class PublishedPorts
{
    /// <summary>Those that the user named and, where all are wanted, the rest of the exposed ones at any free port.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">InvalidArgument: one is malformed.</exception>
    public static IReadOnlyList<PortRequest> Of(ContainerOptions options)
    {
        List<PortRequest> ports = [.. options.Ports.SelectMany(PortRequest.Parse)];
        if (!options.PublishAll)
            return ports;
        foreach (PortRequest exposed in options.Exposed.SelectMany(PortRequest.Parse).SelectMany(static port => port.Expand()))
        {
            if (!ports.Exists(port => exposed.ContainerPort >= port.ContainerPort && exposed.ContainerPort < port.ContainerPort + port.Count && port.Protocol == exposed.Protocol))
                ports.Add(exposed);
        }
        return ports;
    }
}
