namespace Rundlet.Images.Unpack;

/// <summary>What a layer may cost. The defaults refuse bombs, not images.</summary>
public sealed record UnpackLimits
{
    /// <summary>The defaults.</summary>
    public static UnpackLimits Default { get; } = new();

    /// <summary>How long the uncompressed archive may be, in bytes; default 1 TiB.</summary>
    public long MaxBytes { get; init; } = 1L << 40;

    /// <summary>How long a file may be, holes included, in bytes; default 16 TiB, the most that ext4 has: one of a byte for each possible user id is no mistake.</summary>
    public long MaxFileBytes { get; init; } = 16L << 40;

    /// <summary>How many entries it may hold; default 16 million.</summary>
    public long MaxEntries { get; init; } = 16_000_000;
}
