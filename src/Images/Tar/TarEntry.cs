namespace Rundlet.Images.Tar;

/// <summary>One entry of an archive, without its content. Names are bytes as they stand in the archive, never text.</summary>
public sealed record TarEntry
{
    /// <summary>What it makes.</summary>
    public required TarEntryKind Kind { get; init; }

    /// <summary>The path: not empty, without NUL, at most <see cref="TarReader.MaxNameBytes"/>; may be absolute or hold <c>..</c>.</summary>
    public required byte[] Name { get; init; }

    /// <summary>Where a link points; not empty for the two kinds of link, empty for the rest.</summary>
    public byte[] LinkName { get; init; } = [];

    /// <summary>Permission bits with setuid, setgid and sticky: 0 to 07777.</summary>
    public uint Mode { get; init; }

    /// <summary>Owner, 0 to 2^32 − 2.</summary>
    public uint Uid { get; init; }

    /// <summary>Group, 0 to 2^32 − 2.</summary>
    public uint Gid { get; init; }

    /// <summary>How long the file is, holes included, in bytes; 0 for everything but files.</summary>
    public long Size { get; init; }

    /// <summary>Time of last modification.</summary>
    public TarTime Mtime { get; init; }

    /// <summary>A device's major number, 0 to 4095 (12 bits, as the kernel has).</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>A device's minor number, 0 to 1048575 (20 bits).</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes in the archive's order; of a name that stands twice only the last.</summary>
    public IReadOnlyList<TarXattr> Xattrs { get; init; } = [];

    /// <summary>Whether the content has holes, so that <see cref="TarReader.ReadData"/> leaves parts out.</summary>
    public bool IsSparse { get; init; }

    /// <summary>Where the entry's own header stands in the archive, in bytes.</summary>
    public long Offset { get; init; }
}
