namespace Rundlet.Linux.Resctrl;

/// <summary>How the cache can be shared out, and is.</summary>
/// <param name="Mask">All of it, as a hexadecimal mask.</param>
/// <param name="MinBits">The fewest bits of a mask.</param>
/// <param name="Groups">How many groups there can be.</param>
/// <param name="Default">The lines of the default group.</param>
/// <param name="Own">The lines of the group.</param>
public sealed record CacheShare(string Mask, ulong MinBits, ulong Groups, string Default, string Own);
