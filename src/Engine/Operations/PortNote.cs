using System.Net;
using System.Text.Json.Serialization;
using Rundlet.Network.Ports;

namespace Rundlet.Engine.Operations;

/// <summary>A published port, or several in a row.</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostAddress">The host's address; null for all.</param>
/// <param name="HostPort">The host's port, or the first of them.</param>
/// <param name="ContainerPort">The container's port, or the first of them.</param>
public sealed record PortNote(string Protocol, string? HostAddress, int HostPort, int ContainerPort)
{
    /// <summary>Where it leads.</summary>
    public string? ContainerAddress { get; init; }

    /// <summary>Whether the supervisor listens at it, because no rule of the kernel leads into the container.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsProxied { get; init; }

    /// <summary>How many ports, one behind the other on both sides; a note of an older version has none.</summary>
    public int Count { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>The address of the host, as people see it.</summary>
    [JsonIgnore]
    public string ShownAddress => HostAddress ?? (ContainerAddress?.Contains(':') == true ? "::" : "0.0.0.0");

    /// <summary>The place on the host, as in <c>0.0.0.0:80</c>.</summary>
    [JsonIgnore]
    public string HostPlace => $"{AddressPart}:{HostPort}";

    /// <summary>As <c>ps</c> shows it.</summary>
    public override string ToString() => $"{AddressPart}:{Range(HostPort)}->{Range(ContainerPort)}/{Protocol}";

    /// <summary>The same as single ports.</summary>
    public IEnumerable<PortNote> Expand() => Count == 1 ? [this] : Enumerable.Range(0, Count).Select(step => this with { HostPort = HostPort + step, ContainerPort = ContainerPort + step, Count = 1 });

    internal static PortNote Of(PublishedPort port) => new(port.Protocol.ToString().ToLowerInvariant(), port.HostAddress?.ToString(), port.HostPort, port.ContainerPort)
    {
        ContainerAddress = port.ContainerAddress.ToString(),
        Count = port.Count,
        IsProxied = port.IsProxied,
    };

    internal PublishedPort ToPublished(string containerId) => new(
        Enum.Parse<PortProtocol>(Protocol, ignoreCase: true), HostAddress is null ? null : IPAddress.Parse(HostAddress), (ushort)HostPort, IPAddress.Parse(ContainerAddress ?? "0.0.0.0"), (ushort)ContainerPort, containerId)
    {
        Count = Count,
        IsProxied = IsProxied,
    };

    private string AddressPart => ShownAddress.Contains(':') ? $"[{ShownAddress}]" : ShownAddress;

    private string Range(int first) => Count == 1 ? $"{first}" : $"{first}-{first + Count - 1}";
}
