using Rundlet.Linux;

namespace Rundlet.Images.Tar;

public sealed partial class TarReader
{
    /// <summary>The largest id; one more means "unchanged" to the kernel.</summary>
    private const long MaxId = uint.MaxValue - 1L;

    private TarEntry Describe(in TarHeader header, PaxRecords pax, byte[]? longName, byte[]? longLink, long offset)
    {
        byte[] name = Checked(pax.SparseName ?? pax.Path ?? longName ?? HeaderName(header), "name", offset);
        TarEntryKind kind = KindOf(header.Type, name, offset);
        bool hasData = kind == TarEntryKind.Regular;
        bool isLink = kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink;
        bool isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        var entry = new TarEntry
        {
            Kind = kind,
            Name = name,
            LinkName = isLink ? Checked(pax.LinkPath ?? longLink ?? header.LinkName.ToArray(), "link target", offset) : [],
            Mode = (uint)header.Mode & 0xfff,
            Uid = (uint)Within(pax.Uid ?? header.Uid, MaxId, "uid", offset),
            Gid = (uint)Within(pax.Gid ?? header.Gid, MaxId, "gid", offset),
            Mtime = pax.Mtime ?? new TarTime(header.Mtime, 0),
            DeviceMajor = isDevice ? (uint)Within(header.DeviceMajor, 0xfff, "device major", offset) : 0,
            DeviceMinor = isDevice ? (uint)Within(header.DeviceMinor, 0xfffff, "device minor", offset) : 0,
            Xattrs = pax.Xattrs,
            Offset = offset,
        };
        if (!hasData)
            return entry; // whatever its size says: nothing but files has content, every reader of layers agrees
        _stored = Within(pax.Size ?? header.Size, MaxFileBytes, "size", offset);
        _padding = (int)(Padded(_stored) - _stored);
        _segments = ReadSparseMap(header, pax, offset, out long size);
        return entry with { Size = size, IsSparse = _segments is not null };
    }

    private static byte[] HeaderName(in TarHeader header)
    {
        ReadOnlySpan<byte> prefix = header.Prefix, name = header.Name;
        return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
    }

    private static TarEntryKind KindOf(byte type, byte[] name, long offset) => type switch
    {
        // The seventh edition had no folders: a name that ends in a slash is one.
        0 or (byte)'0' or (byte)'7' => name[^1] == '/' ? TarEntryKind.Directory : TarEntryKind.Regular,
        (byte)'1' => TarEntryKind.HardLink,
        (byte)'2' => TarEntryKind.SymbolicLink,
        (byte)'3' => TarEntryKind.CharacterDevice,
        (byte)'4' => TarEntryKind.BlockDevice,
        (byte)'5' => TarEntryKind.Directory,
        (byte)'6' => TarEntryKind.Fifo,
        (byte)'S' => TarEntryKind.Regular,
        _ => throw TarFormatError.At(offset, $"entry '{ByteText.Show(name)}' is of type '{ByteText.Show([type])}', which a layer cannot hold"),
    };

    private static byte[] Checked(byte[] name, string what, long offset)
    {
        if (name.Length == 0)
            throw TarFormatError.At(offset, $"an entry has an empty {what}");
        if (name.Length > MaxNameBytes)
            throw TarFormatError.At(offset, $"a {what} of more than {MaxNameBytes} bytes");
        if (name.Contains((byte)0))
            throw TarFormatError.At(offset, $"{what} '{ByteText.Show(name)}' holds a NUL byte");
        return name;
    }

    private static long Within(long value, long max, string what, long offset) =>
        value <= max ? value : throw TarFormatError.At(offset, $"{what} {value} is out of range 0 to {max}");
}
