using System.Text.Json;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Output;

/// <summary>A network in the shape of docker's <c>network inspect</c>.</summary>
internal static class NetworkJson
{
    /// <summary>Writes the members of its object.</summary>
    public static void Write(Utf8JsonWriter json, InspectNetwork inspected)
    {
        NetworkRecord network = inspected.Network;
        json.WriteString("Name"u8, network.Name);
        json.WriteString("Id"u8, network.Id);
        json.WriteString("Created"u8, network.Created);
        json.WriteString("Scope"u8, "local");
        json.WriteString("Driver"u8, network.Driver);
        json.WriteBoolean("EnableIPv4"u8, true);
        json.WriteBoolean("EnableIPv6"u8, network.Options.Ipv6);
        WriteAddressing(json, inspected.Subnets);
        json.WriteBoolean("Internal"u8, network.Options.Internal);
        json.WriteBoolean("Attachable"u8, false);
        json.WriteBoolean("Ingress"u8, false);
        json.WriteStartObject("ConfigFrom"u8);
        json.WriteString("Network"u8, "");
        json.WriteEndObject();
        json.WriteBoolean("ConfigOnly"u8, false);
        WriteContainers(json, inspected);
        json.WriteMap("Options", network.Options.Driver);
        json.WriteMap("Labels", network.Labels);
    }

    /// <summary>A number for a container on a network; docker has random ones, ours is the same as long as the container is there.</summary>
    public static string EndpointId(string container, string network) => container[..32] + network[..32];

    private static void WriteAddressing(Utf8JsonWriter json, IReadOnlyList<SubnetOptions> subnets)
    {
        json.WriteStartObject("IPAM"u8);
        json.WriteString("Driver"u8, "default");
        json.WriteNull("Options"u8);
        json.WriteStartArray("Config"u8);
        foreach (SubnetOptions subnet in subnets)
        {
            json.WriteStartObject();
            json.WriteString("Subnet"u8, subnet.Subnet);
            if (subnet.Range is { } range)
                json.WriteString("IPRange"u8, range);
            if (subnet.Gateway is { } gateway)
                json.WriteString("Gateway"u8, gateway);
            if (subnet.Auxiliary.Count > 0)
                json.WriteMap("AuxiliaryAddresses", subnet.Auxiliary);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteContainers(Utf8JsonWriter json, InspectNetwork inspected)
    {
        json.WriteStartObject("Containers"u8);
        foreach ((ContainerRecord container, EndpointNote endpoint) in inspected.Containers)
        {
            json.WriteStartObject(container.Id);
            json.WriteString("Name"u8, container.Name);
            json.WriteString("EndpointID"u8, EndpointId(container.Id, inspected.Network.Id));
            json.WriteString("MacAddress"u8, endpoint.Mac ?? "");
            json.WriteString("IPv4Address"u8, endpoint.Address is { } address ? $"{address}/{endpoint.PrefixLength}" : "");
            json.WriteString("IPv6Address"u8, endpoint.Address6 is { } address6 ? $"{address6}/{endpoint.PrefixLength6}" : "");
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
