using System.Net;

namespace Rundlet.Dns.Names;

/// <summary>Where a resolver finds what it answers by itself, and whom it asks for the rest.</summary>
internal interface INameSource
{
    /// <summary>Sees what has changed. Called before questions are answered; cheap where nothing has.</summary>
    /// <exception cref="Rundlet.Linux.LinuxException">The kernel refused.</exception>
    void Refresh();

    /// <summary>Changes with the settings: what is kept of other servers' answers is worth nothing then.</summary>
    int Generation { get; }

    /// <summary>The networks, in the order in which they are asked.</summary>
    IReadOnlyList<NetworkZone> Zones { get; }

    /// <summary>Who is asked for other names; the order is that in which they are asked.</summary>
    IReadOnlyList<NameServer> Servers { get; }

    /// <summary>Whether there are no other names than these: what is not among them does not exist.</summary>
    bool IsAll { get; }

    /// <summary>Whether a name without a dot is asked of others.</summary>
    bool ForwardsSingleLabels { get; }
}

/// <summary>A nameserver.</summary>
/// <param name="EndPoint">Where it is.</param>
/// <param name="FromHost">Whether it is asked from the host's network namespace: it is on the host's loopback.</param>
internal sealed record NameServer(IPEndPoint EndPoint, bool FromHost);
