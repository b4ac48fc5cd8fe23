using Rundlet.Network.Addresses;

namespace Rundlet.Network.Bridge;

/// <summary>What a bridge network is.</summary>
/// <param name="Name">The network's name: letters, digits, '_', '.', '-'.</param>
/// <param name="StateFolder">Where its reservations are kept, on a tmpfs: <c>/run/rundlet/networks/NAME</c>.</param>
public sealed record BridgeOptions(string Name, string StateFolder)
{
    /// <summary>The default network.</summary>
    public static BridgeOptions Default(string networksFolder) => new("bridge", Path.Combine(networksFolder, "bridge")) { Interface = "rundlet0" };

    /// <summary>The bridge's interface on the host, at most 15 bytes.</summary>
    public required string Interface { get; init; }

    /// <summary>The subnet; null lets us find a free one.</summary>
    public Subnet? Subnet { get; init; }

    /// <summary>The largest packet, in bytes; 0 leaves the kernel's default (1500).</summary>
    public uint Mtu { get; init; }
}
