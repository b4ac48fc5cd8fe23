using System.Net;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Tests;

/// <summary>How a test's container hangs on its networks; the short names are of its first.</summary>
internal sealed record Attached(NetworkAttachment Whole)
{
    public Endpoint First => Whole.Endpoints[0];

    public IPAddress? Address => First.Address;

    public IPAddress? Gateway => First.Gateway;

    public string? HostInterface => First.HostInterface;

    /// <summary>What rules publish; at the rest a supervisor would listen.</summary>
    public IReadOnlyList<PublishedPort> Ports => ByRules(Whole);

    public IReadOnlyList<PublishedPort> Proxied => [.. Whole.Ports.Where(port => port.IsProxied)];

    public static IReadOnlyList<PublishedPort> ByRules(NetworkAttachment attachment) => [.. attachment.Ports.Where(port => !port.IsProxied)];
}
