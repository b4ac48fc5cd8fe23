using System.Text;
using Rundlet.Linux;

namespace Rundlet.Images.Tar;

/// <summary>
/// Writes an archive: POSIX ustar, with a pax header in front of those entries that need one. The same entries give the same bytes:
/// nothing of the machine or the time of day gets in.
/// </summary>
public sealed partial class TarWriter
{
    private const long MaxOctal8 = 0x1f_ffff; // seven octal digits
    private const long MaxOctal12 = 0x1_ffff_ffff; // eleven

    private readonly Stream _target;
    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private long _remaining;
    private int _padding;

    /// <summary>Starts at the stream's position. The stream stays the caller's.</summary>
    public TarWriter(Stream target) => _target = target;

    /// <summary>Writes an entry with its whole content.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: the entry cannot stand in an archive.</exception>
    public void Write(TarEntry entry, ReadOnlySpan<byte> content = default)
    {
        if (content.Length != (entry.Kind == TarEntryKind.Regular ? entry.Size : 0))
            throw TarFormatError.In(entry, $"says {entry.Size} bytes and comes with {content.Length}");
        Begin(entry);
        WriteData(content);
    }

    /// <summary>Writes an entry's headers; exactly <see cref="TarEntry.Size"/> bytes of content must follow when it is a file.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public void Begin(TarEntry entry)
    {
        EndEntry();
        Check(entry);
        if (entry.IsSparse)
            throw TarFormatError.In(entry, "has holes, and comes without a map of them");
        long size = entry.Kind == TarEntryKind.Regular ? entry.Size : 0;
        WriteHeaders(entry, entry.Name, size, new MemoryStream());
    }

    /// <summary>The extended header where one is needed, then the entry's own.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="headerName">What its own header calls it.</param>
    /// <param name="stored">How many bytes follow.</param>
    /// <param name="pax">Records to begin with.</param>
    private void WriteHeaders(TarEntry entry, byte[] headerName, long stored, MemoryStream pax)
    {
        bool fits = SplitName(headerName, out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> name);
        AddRecords(pax, entry, stored, fits || entry.IsSparse);
        if (pax.Length > TarReader.MaxPaxBytes)
            throw TarFormatError.In(entry, $"needs extended headers of more than {TarReader.MaxPaxBytes} bytes");
        if (pax.Length > 0)
        {
            WriteHeader((byte)'x', [], PaxName(entry.Name), [], 0x1a4, 0, 0, pax.Length, default, 0, 0);
            _target.Write(pax.GetBuffer(), 0, (int)pax.Length);
            Pad(pax.Length);
        }
        if (!fits)
            name = headerName.AsSpan(0, 100); // for readers that do not know pax
        WriteHeader(TypeOf(entry.Kind), prefix, name, entry.LinkName, entry.Mode, entry.Uid, entry.Gid, stored, entry.Mtime,
            entry.DeviceMajor, entry.DeviceMinor);
        _remaining = stored;
        _padding = (int)(-stored & (TarHeader.BlockSize - 1));
    }

    /// <summary>Writes a piece of the current entry's content.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Internal"/>: more than the entry said.</exception>
    public void WriteData(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > _remaining)
            throw new ContainerException(ContainerErrorKind.Internal, "more content than the tar entry's size");
        _target.Write(piece);
        _remaining -= piece.Length;
    }

    /// <summary>Ends the archive with two blocks of zeroes.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Internal"/>: the last entry's content is not complete.</exception>
    public void Finish()
    {
        EndEntry();
        _block.AsSpan().Clear();
        _target.Write(_block);
        _target.Write(_block);
    }

    private void EndEntry()
    {
        if (_remaining > 0)
            throw new ContainerException(ContainerErrorKind.Internal, $"{_remaining} bytes less content than the tar entry's size");
        _block.AsSpan().Clear();
        _target.Write(_block, 0, _padding);
        _padding = 0;
    }

    private void Pad(long length)
    {
        _block.AsSpan().Clear();
        _target.Write(_block, 0, (int)(-length & (TarHeader.BlockSize - 1)));
    }

    private static void Check(TarEntry entry)
    {
        bool isLink = entry.Kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink;
        if (entry.Name.Length is 0 or > TarReader.MaxNameBytes || entry.Name.Contains((byte)0))
            throw TarFormatError.In(entry, $"a name is 1 to {TarReader.MaxNameBytes} bytes without NUL");
        if (isLink && (entry.LinkName.Length is 0 or > TarReader.MaxNameBytes || entry.LinkName.Contains((byte)0)))
            throw TarFormatError.In(entry, $"a link target is 1 to {TarReader.MaxNameBytes} bytes without NUL");
        if (entry.Size < 0 || entry.Uid == uint.MaxValue || entry.Gid == uint.MaxValue)
            throw TarFormatError.In(entry, "a negative size, or an id of 2^32 - 1");
        if (entry.Kind == TarEntryKind.Regular && entry.Name[^1] == '/')
            throw TarFormatError.In(entry, "a file's name cannot end in a slash");
    }

    /// <summary>Finds the slash that lets a name stand in the two fields of the header.</summary>
    private static bool SplitName(ReadOnlySpan<byte> full, out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> name)
    {
        prefix = [];
        name = full;
        if (full.Length <= 100)
            return true;
        // The longest prefix of at most 155 bytes that leaves something behind its slash.
        int slash = full[..Math.Min(full.Length - 1, 156)].LastIndexOf((byte)'/');
        if (slash <= 0 || full.Length - slash - 1 > 100)
            return false;
        prefix = full[..slash];
        name = full[(slash + 1)..];
        return true;
    }

    private static void AddRecords(MemoryStream pax, TarEntry entry, long size, bool nameFits)
    {
        if (entry.Mtime.Nanoseconds != 0 || entry.Mtime.Seconds is < 0 or > MaxOctal12)
            AddRecord(pax, "mtime"u8, TimeText(entry.Mtime));
        if (!nameFits)
            AddRecord(pax, "path"u8, entry.Name);
        if (entry.LinkName.Length > 100)
            AddRecord(pax, "linkpath"u8, entry.LinkName);
        if (size > MaxOctal12)
            AddRecord(pax, "size"u8, Encoding.ASCII.GetBytes($"{size}"));
        if (entry.Uid > MaxOctal8)
            AddRecord(pax, "uid"u8, Encoding.ASCII.GetBytes($"{entry.Uid}"));
        if (entry.Gid > MaxOctal8)
            AddRecord(pax, "gid"u8, Encoding.ASCII.GetBytes($"{entry.Gid}"));
        foreach (TarXattr xattr in entry.Xattrs)
            AddRecord(pax, [.. "SCHILY.xattr."u8, .. xattr.Name], xattr.Value);
    }

    /// <summary>A record starts with its own length, the digits of that length included.</summary>
    private static void AddRecord(MemoryStream pax, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int rest = key.Length + value.Length + 3; // blank, equals sign, newline
        int length = rest + 1;
        while (length - rest < DigitsOf(length))
            length++;
        pax.Write(Encoding.ASCII.GetBytes($"{length} "));
        pax.Write(key);
        pax.WriteByte((byte)'=');
        pax.Write(value);
        pax.WriteByte((byte)'\n');
    }

    private static int DigitsOf(int number)
    {
        int digits = 1;
        for (; number >= 10; number /= 10)
            digits++;
        return digits;
    }

    private static byte[] TimeText(TarTime time)
    {
        (long seconds, int nanoseconds) = (time.Seconds, time.Nanoseconds);
        string sign = "";
        if (seconds < 0)
        {
            sign = "-";
            (seconds, nanoseconds) = nanoseconds == 0 ? (-seconds, 0) : (-(seconds + 1), 1_000_000_000 - nanoseconds);
        }
        string fraction = nanoseconds == 0 ? "" : $".{nanoseconds:d9}".TrimEnd('0');
        return Encoding.ASCII.GetBytes($"{sign}{seconds}{fraction}");
    }

    private static byte[] PaxName(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> trimmed = name.TrimEnd((byte)'/');
        ReadOnlySpan<byte> last = trimmed[(trimmed.LastIndexOf((byte)'/') + 1)..];
        return [.. "PaxHeaders/"u8, .. last[..Math.Min(last.Length, 80)]];
    }

    private static byte TypeOf(TarEntryKind kind) => kind switch
    {
        TarEntryKind.Regular => (byte)'0',
        TarEntryKind.HardLink => (byte)'1',
        TarEntryKind.SymbolicLink => (byte)'2',
        TarEntryKind.CharacterDevice => (byte)'3',
        TarEntryKind.BlockDevice => (byte)'4',
        TarEntryKind.Directory => (byte)'5',
        _ => (byte)'6',
    };

    private void WriteHeader(byte type, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name, ReadOnlySpan<byte> link, uint mode, long uid, long gid,
        long size, TarTime mtime, uint major, uint minor)
    {
        Span<byte> block = _block;
        block.Clear();
        name.CopyTo(block);
        Octal(block.Slice(100, 8), mode & 0xfff);
        Octal(block.Slice(108, 8), uid <= MaxOctal8 ? uid : 0);
        Octal(block.Slice(116, 8), gid <= MaxOctal8 ? gid : 0);
        Octal(block.Slice(124, 12), size <= MaxOctal12 ? size : 0);
        Octal(block.Slice(136, 12), mtime.Seconds is >= 0 and <= MaxOctal12 ? mtime.Seconds : 0);
        block[156] = type;
        link[..Math.Min(link.Length, 100)].CopyTo(block[157..]);
        "ustar\000"u8.CopyTo(block[257..]);
        Octal(block.Slice(329, 8), major);
        Octal(block.Slice(337, 8), minor);
        prefix.CopyTo(block[345..]);
        block.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte b in block)
            sum += b;
        Octal(block.Slice(148, 7), sum);
        _target.Write(_block);
    }

    /// <summary>Zero-padded digits and a NUL.</summary>
    private static void Octal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (int i = field.Length - 2; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
    }
}
