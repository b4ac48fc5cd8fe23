using System.Net;
using System.Text.Json;
using Rundlet.Engine.Lifecycle;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Network.Ports;

namespace Rundlet.Engine.Operations;

/// <summary>How a running container hangs on its network: <c>network.json</c> in its run folder, for <c>ps</c>, <c>inspect</c> and <c>stats</c>.</summary>
public sealed record NetworkNote
{
    private const string FileName = "network.json";

    /// <summary><c>bridge</c>, <c>none</c> or <c>host</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The network's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The address; null without one.</summary>
    public string? Address { get; init; }

    /// <summary>How many leading bits of it name the subnet.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The way out.</summary>
    public string? Gateway { get; init; }

    /// <summary>The hardware address inside.</summary>
    public string? Mac { get; init; }

    /// <summary>The host's end of the pair.</summary>
    public string? HostInterface { get; init; }

    /// <summary>What is published.</summary>
    public IReadOnlyList<PortNote> Ports { get; init; } = [];

    /// <summary>What an attachment says.</summary>
    public static NetworkNote Of(NetworkAttachment attachment)
    {
        Endpoint? endpoint = attachment.Default ?? attachment.Endpoints.FirstOrDefault();
        return new()
        {
            Mode = attachment.Mode.ToString().ToLowerInvariant(),
            Name = endpoint?.NetworkName ?? "",
            Address = endpoint?.Address?.ToString(),
            PrefixLength = endpoint?.PrefixLength ?? 0,
            Gateway = endpoint?.Gateway?.ToString(),
            Mac = endpoint?.Mac?.ToString(),
            HostInterface = endpoint?.HostInterface,
            Ports = [.. attachment.Ports.SelectMany(static port => port.Expand()).Select(PortNote.Of)],
        };
    }

    /// <summary>The note of a container; null when it does not run.</summary>
    public static NetworkNote? TryRead(EnginePaths paths, string id) =>
        FileIo.TryReadText($"{paths.Live(id)}/{FileName}") is { } text ? JsonSerializer.Deserialize(text, EngineJson.Default.NetworkNote) : null;

    internal void Save(EnginePaths paths, string id) =>
        Folders.Write(paths.Live(id), FileName, JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.NetworkNote));
}

/// <summary>A published port.</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostAddress">The host's address; null for all.</param>
/// <param name="HostPort">The host's port.</param>
/// <param name="ContainerPort">The container's port.</param>
public sealed record PortNote(string Protocol, string? HostAddress, int HostPort, int ContainerPort)
{
    /// <summary>As <c>ps</c> shows it.</summary>
    public override string ToString() => $"{HostAddress ?? IPAddress.Any.ToString()}:{HostPort}->{ContainerPort}/{Protocol}";

    internal static PortNote Of(PublishedPort port) =>
        new(port.Protocol.ToString().ToLowerInvariant(), port.HostAddress?.ToString() ?? (port.IsIpv6 ? IPAddress.IPv6Any.ToString() : null), port.HostPort, port.ContainerPort);
}
