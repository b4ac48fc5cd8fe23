namespace Rundlet.Linux.Resctrl;

/// <summary>How the cache can be shared out, and is.</summary>
public sealed class CacheShare
{
    /// <summary>All of it, as a hexadecimal mask.</summary>
    public required string Mask { get; init; }

    /// <summary>The fewest bits of a mask.</summary>
    public required ulong MinBits { get; init; }

    /// <summary>How many groups there can be.</summary>
    public required ulong Groups { get; init; }

    /// <summary>The lines of the default group.</summary>
    public required string Default { get; init; }

    /// <summary>The lines of the group.</summary>
    public required string Own { get; init; }
}
