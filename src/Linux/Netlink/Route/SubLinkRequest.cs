namespace Rundlet.Linux.Netlink.Route;

/// <summary>An interface that hangs on another one: <c>macvlan</c>, <c>ipvlan</c>, <c>vlan</c>; or on none: <c>dummy</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Parent">The number of the interface that it hangs on; 0 for none.</param>
public sealed record SubLinkRequest(string Name, string Kind, int Parent)
{
    /// <summary>The network namespace that it is born in, to be set up there; null for the parent's, up.</summary>
    public OwnedFd? Namespace { get; init; }

    /// <summary>Its hardware address; null lets the kernel draw one.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The largest packet, in bytes; 0 takes the parent's.</summary>
    public uint Mtu { get; init; }

    /// <summary>How macvlan or ipvlan joins its interfaces, by its name in ip-link(8); null for <c>bridge</c> and <c>l2</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>The VLAN of a <c>vlan</c>, 1 to 4094.</summary>
    public ushort VlanId { get; init; }

    /// <summary>A text that the kernel keeps with it; null for none. Not for one in another namespace.</summary>
    public string? Alias { get; init; }
}
