namespace Rundlet.Linux.Resctrl;

/// <summary>What a group uses of one cache. What cannot be measured is 0.</summary>
public sealed class CacheUse
{
    /// <summary>Bytes in the cache.</summary>
    public required ulong Occupancy { get; init; }

    /// <summary>Bytes to and from memory through it.</summary>
    public required ulong Traffic { get; init; }

    /// <summary>Those of them that stayed on its node.</summary>
    public required ulong LocalTraffic { get; init; }
}
