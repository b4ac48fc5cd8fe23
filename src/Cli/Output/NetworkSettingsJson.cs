using System.Text.Json;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Network.Ports;

namespace Rundlet.Cli.Output;

/// <summary><c>NetworkSettings</c> of docker's <c>inspect</c>.</summary>
internal static class NetworkSettingsJson
{
    /// <summary>Writes it, as a member.</summary>
    public static void Write(Utf8JsonWriter json, InspectContainer container)
    {
        NetworkNote? note = container.Network;
        json.WriteStartObject("NetworkSettings"u8);
        json.WriteString("Bridge"u8, "");
        json.WriteString("SandboxID"u8, note is null ? "" : container.Record.Id);
        json.WriteString("SandboxKey"u8, container.Standing.HasProcess ? $"/proc/{container.Standing.State!.Pid}/ns/net" : "");
        WritePorts(json, container);
        // Members that docker has kept from the time of one network: what the default network says.
        WriteEndpoint(json, container.Record.Id, BuiltInNetworks.BridgeId, note?.Endpoints.FirstOrDefault(endpoint => endpoint.Name == BuiltInNetworks.Bridge));
        json.WriteStartObject("Networks"u8);
        if (container.Endpoints.Count == 0)
            WriteMode(json, container);
        foreach (EndpointRecord endpoint in container.Endpoints)
            WriteNetwork(json, container, endpoint, note?.Endpoints.FirstOrDefault(where => where.Name == endpoint.Network.Name));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // The host's network, none, or another container's.
    private static void WriteMode(Utf8JsonWriter json, InspectContainer container)
    {
        if (BuiltInNetworks.IdOf(container.Options.Network) is not { } id)
            return;
        json.WriteStartObject(container.Options.Network);
        WriteSettings(json, new EndpointOptions());
        json.WriteString("NetworkID"u8, container.Network is null ? "" : id);
        WriteEndpoint(json, container.Record.Id, id, null);
        json.WriteNull("DNSNames"u8);
        json.WriteEndObject();
    }

    private static void WriteNetwork(Utf8JsonWriter json, InspectContainer container, EndpointRecord endpoint, EndpointNote? where)
    {
        json.WriteStartObject(endpoint.Network.Name);
        WriteSettings(json, endpoint.Settings);
        json.WriteString("NetworkID"u8, where is null ? "" : endpoint.Network.Id);
        WriteEndpoint(json, container.Record.Id, endpoint.Network.Id, where);
        json.WriteStringsOrNull("DNSNames", endpoint.Network.Id == BuiltInNetworks.BridgeId ? null : container.NamesOn(endpoint));
        json.WriteEndObject();
    }

    private static void WriteSettings(Utf8JsonWriter json, EndpointOptions settings)
    {
        if ((settings.Address ?? settings.Address6) is null)
        {
            json.WriteNull("IPAMConfig"u8);
        }
        else
        {
            json.WriteStartObject("IPAMConfig"u8);
            if (settings.Address is { } address)
                json.WriteString("IPv4Address"u8, address);
            if (settings.Address6 is { } address6)
                json.WriteString("IPv6Address"u8, address6);
            json.WriteEndObject();
        }
        json.WriteNull("Links"u8);
        json.WriteStringsOrNull("Aliases", settings.Aliases.Count > 0 ? settings.Aliases : null);
        if (settings.DriverOptions.Count > 0)
            json.WriteMap("DriverOpts", settings.DriverOptions);
        else
            json.WriteNull("DriverOpts"u8);
        json.WriteNumber("GwPriority"u8, settings.GatewayPriority);
        if (settings.RateIn is { } rateIn)
            json.WriteNumber("RateIn"u8, rateIn);
        if (settings.RateOut is { } rateOut)
            json.WriteNumber("RateOut"u8, rateOut);
    }

    /// <summary>A container's port, as docker calls it: <c>80/tcp</c>.</summary>
    public static string NameOf(PortRequest port) => $"{port.ContainerPort}/{port.Protocol.ToString().ToLowerInvariant()}";

    /// <summary>The container's ports that it listens on, as the image or the user has said: named as such, or to be published. A range is all of its ports.</summary>
    public static IEnumerable<string> ExposedOf(ContainerOptions options) => options.Exposed.Concat(options.Ports).SelectMany(PortRequest.Parse).SelectMany(static port => port.Expand()).Select(NameOf).Distinct();

    // Published ports with their places, then the exposed ones that nobody has published.
    private static void WritePorts(Utf8JsonWriter json, InspectContainer container)
    {
        json.WriteStartObject("Ports"u8);
        List<IGrouping<string, PortNote>> published = [.. (container.Network?.Ports ?? []).SelectMany(port => port.Expand()).GroupBy(port => $"{port.ContainerPort}/{port.Protocol}")];
        foreach (IGrouping<string, PortNote> port in published)
        {
            json.WriteStartArray(port.Key);
            foreach (PortNote binding in port)
            {
                json.WriteStartObject();
                json.WriteString("HostIp"u8, binding.ShownAddress);
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

    private static void WriteEndpoint(Utf8JsonWriter json, string container, string network, EndpointNote? where)
    {
        json.WriteString("EndpointID"u8, where is null ? "" : NetworkJson.EndpointId(container, network));
        json.WriteString("Gateway"u8, where?.Gateway ?? "");
        json.WriteString("IPAddress"u8, where?.Address ?? "");
        json.WriteNumber("IPPrefixLen"u8, where?.PrefixLength ?? 0);
        json.WriteString("IPv6Gateway"u8, where?.Gateway6 ?? "");
        json.WriteString("GlobalIPv6Address"u8, where?.Address6 ?? "");
        json.WriteNumber("GlobalIPv6PrefixLen"u8, where?.PrefixLength6 ?? 0);
        json.WriteString("MacAddress"u8, where?.Mac ?? "");
    }
}
