using System.Text.Json;
using System.Text.Json.Serialization;
using Rundlet.Engine.Lifecycle;
using Rundlet.Linux;
using Rundlet.Network;

namespace Rundlet.Engine.Operations;

/// <summary>How a running container hangs on its networks: <c>network.json</c> in its run folder, for <c>ps</c>, <c>inspect</c>, <c>stats</c>, and for changes while it runs.</summary>
public sealed record NetworkNote
{
    private const string FileName = "network.json";
    private const int MaxLength = 16 << 20; // bytes: some hundred thousand published ports

    /// <summary><c>bridge</c> for networks of ours, <c>none</c>, <c>host</c> or <c>container:ID</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>One for each network, in the order in which they were asked for.</summary>
    public IReadOnlyList<EndpointNote> Endpoints { get; init => field = value ?? []; } = [];

    /// <summary>What is published.</summary>
    public IReadOnlyList<PortNote> Ports { get; init => field = value ?? []; } = [];

    /// <summary>Whether there are networks of ours.</summary>
    [JsonIgnore]
    public bool IsOurs => Mode == BridgeMode;

    /// <summary>The endpoint with the IPv4 way out, which published ports lead to; null for none.</summary>
    [JsonIgnore]
    public EndpointNote? Default => ToAttachment("").Default is { } way ? On(way.NetworkId) : null;

    /// <summary>The endpoint with the IPv6 way out; null for none.</summary>
    [JsonIgnore]
    public EndpointNote? Default6 => ToAttachment("").Default6 is { } way ? On(way.NetworkId) : null;

    /// <summary>The endpoint on a network; null for none.</summary>
    public EndpointNote? On(string libraryId) => Endpoints.FirstOrDefault(endpoint => endpoint.NetworkId == libraryId);

    internal const string BridgeMode = "bridge";

    /// <summary>What an attachment says.</summary>
    internal static NetworkNote Of(NetworkAttachment attachment) => new()
    {
        Mode = attachment.Mode.ToString().ToLowerInvariant(),
        Endpoints = [.. attachment.Endpoints.Select(EndpointNote.Of)],
        Ports = [.. attachment.Ports.Select(PortNote.Of)],
    };

    /// <summary>What the network library knows it as.</summary>
    internal NetworkAttachment ToAttachment(string containerId) => new(NetworkMode.Bridge)
    {
        Endpoints = [.. Endpoints.Select(endpoint => endpoint.ToEndpoint())],
        Ports = [.. Ports.Select(port => port.ToPublished(containerId))],
    };

    /// <summary>The note of a container; null when it does not run.</summary>
    public static NetworkNote? TryRead(EnginePaths paths, string id)
    {
        if (FileIo.TryReadText($"{paths.Live(id)}/{FileName}", MaxLength) is not { } text)
            return null;
        NetworkNote? note = JsonSerializer.Deserialize(text, EngineJson.Default.NetworkNote);
        return note is { Endpoints.Count: 0, IsOurs: true } ? JsonSerializer.Deserialize(text, EngineJson.Default.OldNetworkNote)?.ToNote() ?? note : note;
    }

    internal void Save(EnginePaths paths, string id) =>
        Folders.Write(paths.Live(id), FileName, JsonSerializer.SerializeToUtf8Bytes(this, NoteJson.Default.NetworkNote));
}
