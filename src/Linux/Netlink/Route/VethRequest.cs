namespace Rundlet.Linux.Netlink.Route;

/// <summary>A veth pair whose other end is born in another network namespace.</summary>
/// <param name="Name">This end's name.</param>
/// <param name="PeerName">The other end's name.</param>
/// <param name="PeerNamespace">The network namespace of the other end, by fd.</param>
public sealed record VethRequest(string Name, string PeerName, OwnedFd PeerNamespace)
{
    /// <summary>The number of the bridge that this end joins; 0 for none.</summary>
    public int Master { get; init; }

    /// <summary>This end's hardware address; null lets the kernel draw one.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The other end's hardware address; null lets the kernel draw one.</summary>
    public MacAddress? PeerMac { get; init; }

    /// <summary>The largest packet of both ends, in bytes; 0 leaves the kernel's default.</summary>
    public uint Mtu { get; init; }
}
