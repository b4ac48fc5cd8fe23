using Rundlet.Linux;

namespace Rundlet.Images.Tar;

/// <summary>
/// One 512-byte header block, read in place. All the old forms share its first 257 bytes; what follows depends on the magic:
/// <code>
///   0 name    100 mode  108 uid  116 gid  124 size  136 mtime  148 checksum  156 type  157 link name
/// 257 magic   265 user  297 group  329 device major  337 device minor  345 prefix (POSIX)
///             GNU instead:  386 four sparse entries  482 extended?  483 real size
/// </code>
/// Source: tar(5), POSIX pax "ustar Interchange Format", GNU tar manual "Basic Tar Format".
/// </summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block, long offset)
{
    /// <summary>Everything in an archive is a multiple of this.</summary>
    public const int BlockSize = 512;

    /// <summary>How many sparse entries stand in the header of the old GNU form.</summary>
    public const int SparseEntries = 4;

    /// <summary>How many stand in each extension block.</summary>
    public const int SparseExtensionEntries = 21;

    private readonly ReadOnlySpan<byte> _block = block;

    public byte Type => _block[156];

    public ReadOnlySpan<byte> Name => Text(0, 100);

    public ReadOnlySpan<byte> LinkName => Text(157, 100);

    public long Mode => Number(100, 8, "mode");

    public long Uid => Number(108, 8, "uid");

    public long Gid => Number(116, 8, "gid");

    public long Size => Number(124, 12, "size");

    public long Mtime => Number(136, 12, "mtime", allowNegative: true);

    public long DeviceMajor => HasDevices ? Number(329, 8, "device major") : 0;

    public long DeviceMinor => HasDevices ? Number(337, 8, "device minor") : 0;

    public bool SparseExtended => _block[482] != 0;

    public long SparseRealSize => Number(483, 12, "sparse size");

    /// <summary>Sparse entries of the old GNU form.</summary>
    public ReadOnlySpan<byte> SparseMap => _block.Slice(386, SparseEntries * 24);

    public bool IsZero => _block.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>What stands before the name in POSIX headers; empty in all others.</summary>
    public ReadOnlySpan<byte> Prefix
    {
        get
        {
            if (!_block.Slice(257, 6).SequenceEqual("ustar\0"u8))
                return [];
            // star keeps two times behind a shorter prefix and signs the block's end.
            return _block.Slice(508, 4).SequenceEqual("tar\0"u8) ? Text(345, 131) : Text(345, 155);
        }
    }

    private bool HasDevices => _block.Slice(257, 5).SequenceEqual("ustar"u8);

    /// <summary>The sum of all bytes with the checksum itself as blanks; some old writers added signed bytes.</summary>
    public void VerifyChecksum()
    {
        ReadOnlySpan<byte> field = _block.Slice(148, 8);
        long expected = field.IndexOfAnyExcept(" \001234567"u8) < 0 ? ParseOctal(field, "checksum", offset) : -1;
        long unsigned = 0, signed = 0;
        for (int i = 0; i < BlockSize; i++)
        {
            byte value = i is >= 148 and < 156 ? (byte)' ' : _block[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        if (expected < 0 || (expected != unsigned && expected != signed))
            throw TarFormatError.At(offset, "wrong checksum: this is not a tar header");
    }

    /// <summary>Octal text, or a big-endian two's complement number when the first bit is set (GNU).</summary>
    public static long ParseNumber(ReadOnlySpan<byte> field, string what, long offset, bool allowNegative = false)
    {
        long value = (field[0] & 0x80) != 0 ? ParseBinary(field, what, offset) : ParseOctal(field, what, offset);
        if (value < 0 && !allowNegative)
            throw TarFormatError.At(offset, $"{what} is negative");
        return value;
    }

    private long Number(int start, int length, string what, bool allowNegative = false) =>
        ParseNumber(_block.Slice(start, length), what, offset, allowNegative);

    private ReadOnlySpan<byte> Text(int start, int length)
    {
        ReadOnlySpan<byte> field = _block.Slice(start, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    private static long ParseOctal(ReadOnlySpan<byte> field, string what, long offset)
    {
        ReadOnlySpan<byte> digits = field.Trim(" \0"u8);
        long value = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw TarFormatError.At(offset, $"{what} '{ByteText.Show(digits)}' is not an octal number");
            value = value << 3 | (long)(digit - '0'); // at most 12 digits: 36 bits
        }
        return value;
    }

    private static long ParseBinary(ReadOnlySpan<byte> field, string what, long offset)
    {
        bool negative = (field[0] & 0x40) != 0;
        Int128 value = negative ? -1 : 0;
        for (int i = 0; i < field.Length; i++)
            value = value << 8 | (i == 0 ? field[0] & 0x7f | (negative ? 0x80 : 0) : field[i]);
        if (value < long.MinValue || value > long.MaxValue)
            throw TarFormatError.At(offset, $"{what} is out of range");
        return (long)value;
    }
}
