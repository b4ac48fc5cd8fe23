using System.Text.Json;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Network.Ports;

namespace Rundlet.Cli.Output;

/// <summary><c>NetworkSettings</c> of docker's <c>inspect</c>.</summary>
internal static class NetworkSettingsJson
{
    /// <summary>Writes it, as a member.</summary>
    public static void Write(Utf8JsonWriter json, InspectContainer container)
    {
        NetworkNote? network = container.Network;
        json.WriteStartObject("NetworkSettings"u8);
        json.WriteString("Bridge"u8, "");
        json.WriteString("SandboxID"u8, network is null ? "" : container.Record.Id);
        json.WriteString("SandboxKey"u8, container.Standing.HasProcess ? $"/proc/{container.Standing.State!.Pid}/ns/net" : "");
        WritePorts(json, container);
        WriteEndpoint(json, container.Record.Id, network);
        json.WriteStartObject("Networks"u8);
        string name = network is { Name.Length: > 0 } ? network.Name : container.Options.Network;
        json.WriteStartObject(name);
        json.WriteNull("IPAMConfig"u8);
        json.WriteNull("Links"u8);
        json.WriteNull("Aliases"u8);
        json.WriteNull("DriverOpts"u8);
        json.WriteString("NetworkID"u8, network is null ? "" : name);
        WriteEndpoint(json, container.Record.Id, network);
        json.WriteNull("DNSNames"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A container's port, as docker calls it: <c>80/tcp</c>.</summary>
    public static string NameOf(PortRequest port) => $"{port.ContainerPort}/{port.Protocol.ToString().ToLowerInvariant()}";

    /// <summary>The container's ports that it listens on, as the image or the user has said: named as such, or to be published. A range is all of its ports.</summary>
    public static IEnumerable<string> ExposedOf(ContainerOptions options) => options.Exposed.Concat(options.Ports).SelectMany(PortRequest.Parse).SelectMany(static port => port.Expand()).Select(NameOf).Distinct();

    // Published ports with their places, then the exposed ones that nobody has published.
    private static void WritePorts(Utf8JsonWriter json, InspectContainer container)
    {
        json.WriteStartObject("Ports"u8);
        List<IGrouping<string, PortNote>> published = [.. (container.Network?.Ports ?? []).GroupBy(port => $"{port.ContainerPort}/{port.Protocol}")];
        foreach (IGrouping<string, PortNote> port in published)
        {
            json.WriteStartArray(port.Key);
            foreach (PortNote binding in port)
            {
                json.WriteStartObject();
                json.WriteString("HostIp"u8, binding.HostAddress ?? "0.0.0.0");
                json.WriteString("HostPort"u8, binding.HostPort.ToString());
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        foreach (string port in container.Standing.IsRunning ? ExposedOf(container.Options) : [])
        {
            if (!published.Exists(other => other.Key == port))
                json.WriteNull(port);
        }
        json.WriteEndObject();
    }

    private static void WriteEndpoint(Utf8JsonWriter json, string id, NetworkNote? network)
    {
        json.WriteString("EndpointID"u8, network is null ? "" : id);
        json.WriteString("Gateway"u8, network?.Gateway ?? "");
        json.WriteString("IPAddress"u8, network?.Address ?? "");
        json.WriteNumber("IPPrefixLen"u8, network?.PrefixLength ?? 0);
        json.WriteString("IPv6Gateway"u8, "");
        json.WriteString("GlobalIPv6Address"u8, "");
        json.WriteNumber("GlobalIPv6PrefixLen"u8, 0);
        json.WriteString("MacAddress"u8, network?.Mac ?? "");
    }
}
