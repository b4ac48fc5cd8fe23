using Rundlet.Engine.Networks;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network.Ports;

namespace Rundlet.Engine.Options;

/// <summary>Ports that a container is to publish from now on, or no longer.</summary>
/// <param name="Added">As <c>--publish</c> takes them.</param>
/// <param name="Removed">As they were given, or by the container's port alone: <c>80</c>, <c>53/udp</c>.</param>
public sealed record PortChanges(IReadOnlyList<string> Added, IReadOnlyList<string> Removed)
{
    /// <summary>The ports of a container with the changes.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one is malformed; NotFound: one is not published; Conflict: it has no network that publishes.</exception>
    internal IReadOnlyList<string> ApplyTo(ContainerRecord record, ContainerOptions options)
    {
        if (!ContainerEndpoints.AreOurs(options.Network))
            throw new ContainerException(ContainerErrorKind.Conflict, $"ports of container '{record.Name}' cannot be published: its network is '{options.Network}'");
        List<string> ports = [.. options.Ports];
        foreach (string removed in Removed)
        {
            IReadOnlyList<PortRequest> wanted = PortRequest.Parse(removed);
            if (ports.RemoveAll(port => IsMeant(PortRequest.Parse(port), wanted)) == 0)
            {
                throw new ContainerException(ContainerErrorKind.NotFound, $"container '{record.Name}' publishes no port '{removed}'")
                {
                    Hint = ports.Count == 0 ? "it publishes none" : $"it publishes {string.Join(", ", ports)}",
                };
            }
        }
        foreach (string added in Added)
        {
            PortRequest.Parse(added);
            ports.Add(added);
        }
        return ports;
    }

    // By the port of the container; where a place of the host is named, that must be the same too.
    private static bool IsMeant(IReadOnlyList<PortRequest> port, IReadOnlyList<PortRequest> wanted) => port.Count == wanted.Count && port.Zip(wanted).All(static pair =>
        pair.First.ContainerPort == pair.Second.ContainerPort && pair.First.Count == pair.Second.Count && pair.First.Protocol == pair.Second.Protocol
        && (pair.Second.FirstHostPort == 0 || pair.Second.FirstHostPort == pair.First.FirstHostPort)
        && (pair.Second.HostAddress is null || pair.Second.HostAddress.Equals(pair.First.HostAddress)));
}
