namespace Rundlet.Linux.Cgroups;

/// <summary>What went to and from one block device.</summary>
public sealed class BlockIoStats
{
    /// <summary>Major number.</summary>
    public required uint Major { get; init; }

    /// <summary>Minor number.</summary>
    public required uint Minor { get; init; }

    /// <summary>Bytes read.</summary>
    public ulong ReadBytes { get; internal set; }

    /// <summary>Bytes written.</summary>
    public ulong WrittenBytes { get; internal set; }

    /// <summary>Reads.</summary>
    public ulong Reads { get; internal set; }

    /// <summary>Writes.</summary>
    public ulong Writes { get; internal set; }

    /// <summary>Bytes given up (TRIM).</summary>
    public ulong DiscardedBytes { get; internal set; }

    /// <summary>Requests to give bytes up.</summary>
    public ulong Discards { get; internal set; }
}
