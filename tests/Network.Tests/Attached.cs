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

    public IReadOnlyList<PublishedPort> Ports => Whole.Ports;
}
