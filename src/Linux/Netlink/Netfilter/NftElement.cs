namespace Rundlet.Linux.Netlink.Netfilter;

/// <summary>An element of a set or map.</summary>
/// <param name="Key">The key's bytes, as the set's type says.</param>
/// <param name="Data">The value's bytes; empty in a set.</param>
/// <param name="Comment">Text that the kernel keeps with it; empty for none.</param>
public sealed record NftElement(byte[] Key, byte[] Data, string Comment = "")
{
    /// <summary>In a set of intervals: the last key that it stands for, part by part; null for the key alone.</summary>
    public byte[]? KeyEnd { get; init; }
}
