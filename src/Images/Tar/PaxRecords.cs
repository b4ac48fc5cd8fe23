using System.Buffers.Text;

namespace Rundlet.Images.Tar;

/// <summary>
/// What extended headers say about an entry: <c>LENGTH KEY=VALUE\n</c>, again and again (POSIX pax, "pax Extended Header"). An empty
/// value takes the key back. Keys that mean nothing to an image (user names, access times, ACL text) are passed over.
/// </summary>
internal sealed class PaxRecords
{
    private static ReadOnlySpan<byte> XattrPrefix => "SCHILY.xattr."u8;

    public byte[]? Path { get; private set; }
    public byte[]? LinkPath { get; private set; }
    public long? Size { get; private set; }
    public long? Uid { get; private set; }
    public long? Gid { get; private set; }
    public TarTime? Mtime { get; private set; }
    public byte[]? SparseName { get; private set; }
    public long? SparseMajor { get; private set; }
    public long? SparseMinor { get; private set; }
    public long? SparseSize { get; private set; }

    /// <summary>Forms 0.0 and 0.1: offset and length in turns.</summary>
    public List<long>? SparseMap { get; private set; }

    /// <summary>How many attributes an entry may have; the kernel's own lists are far shorter.</summary>
    private const int MaxXattrs = 512;

    private List<TarXattr>? _xattrs;
    private int _xattrBytes;

    /// <summary>Attributes in order, each name once.</summary>
    public IReadOnlyList<TarXattr> Xattrs => _xattrs ?? (IReadOnlyList<TarXattr>)[];

    /// <summary>A copy to which an entry's own records are added.</summary>
    public PaxRecords Clone()
    {
        var copy = (PaxRecords)MemberwiseClone();
        copy._xattrs = _xattrs is null ? null : [.. _xattrs];
        copy.SparseMap = SparseMap is null ? null : [.. SparseMap];
        return copy;
    }

    /// <summary>Adds all records of one extended header.</summary>
    public void Add(ReadOnlySpan<byte> records, long offset)
    {
        while (!records.IsEmpty)
        {
            if (!Utf8Parser.TryParse(records, out int length, out int digits) || digits > 8 || records.Length <= digits || records[digits] != ' '
                || length <= digits + 1 || length > records.Length || records[length - 1] != '\n')
                throw TarFormatError.At(offset, "a pax record has a wrong length");
            ReadOnlySpan<byte> record = records[(digits + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw TarFormatError.At(offset, "a pax record has no key");
            Set(record[..equals], record[(equals + 1)..], offset);
            records = records[length..];
        }
    }

    private void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long offset)
    {
        if (key.SequenceEqual("path"u8)) Path = Bytes(value);
        else if (key.SequenceEqual("linkpath"u8)) LinkPath = Bytes(value);
        else if (key.SequenceEqual("size"u8)) Size = Number(value, "size", offset);
        else if (key.SequenceEqual("uid"u8)) Uid = Number(value, "uid", offset);
        else if (key.SequenceEqual("gid"u8)) Gid = Number(value, "gid", offset);
        else if (key.SequenceEqual("mtime"u8)) Mtime = value.IsEmpty ? null : ParseTime(value, offset);
        else if (key.StartsWith(XattrPrefix)) SetXattr(key[XattrPrefix.Length..], value, offset);
        else if (key.StartsWith("GNU.sparse."u8)) SetSparse(key["GNU.sparse.".Length..], value, offset);
    }

    private void SetSparse(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long offset)
    {
        if (key.SequenceEqual("name"u8)) SparseName = Bytes(value);
        else if (key.SequenceEqual("major"u8)) SparseMajor = Number(value, "sparse major", offset);
        else if (key.SequenceEqual("minor"u8)) SparseMinor = Number(value, "sparse minor", offset);
        else if (key.SequenceEqual("size"u8) || key.SequenceEqual("realsize"u8)) SparseSize = Number(value, "sparse size", offset);
        else if (key.SequenceEqual("offset"u8) || key.SequenceEqual("numbytes"u8)) AddToMap(value, offset);
        else if (key.SequenceEqual("map"u8))
        {
            SparseMap = [];
            foreach (Range number in value.Split((byte)','))
                AddToMap(value[number], offset);
        }
    }

    private void AddToMap(ReadOnlySpan<byte> value, long offset)
    {
        SparseMap ??= [];
        if (SparseMap.Count >= 2 * TarReader.MaxSegments)
            throw TarFormatError.At(offset, "the sparse map has too many numbers");
        SparseMap.Add(Number(value, "sparse map", offset) ?? throw TarFormatError.At(offset, "the sparse map has an empty number"));
    }

    private void SetXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long offset)
    {
        if (name.IsEmpty || name.Contains((byte)0))
            throw TarFormatError.At(offset, "an extended attribute has no proper name");
        _xattrs ??= [];
        for (int i = 0; i < _xattrs.Count; i++)
        {
            if (!name.SequenceEqual(_xattrs[i].Name))
                continue;
            _xattrBytes -= name.Length + _xattrs[i].Value.Length;
            _xattrs.RemoveAt(i);
            break;
        }
        _xattrBytes += name.Length + value.Length;
        if (_xattrs.Count == MaxXattrs || _xattrBytes > TarReader.MaxPaxBytes)
            throw TarFormatError.At(offset, "too many extended attributes");
        // An empty attribute is a value like any other: it does not take the key back.
        _xattrs.Add(new TarXattr(name.ToArray(), value.ToArray()));
    }

    private static byte[]? Bytes(ReadOnlySpan<byte> value) => value.IsEmpty ? null : value.ToArray();

    private static long? Number(ReadOnlySpan<byte> value, string what, long offset)
    {
        if (value.IsEmpty)
            return null;
        if (value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && Utf8Parser.TryParse(value, out long number, out int used) && used == value.Length)
            return number;
        throw TarFormatError.At(offset, $"{what} '{ByteText.Show(value)}' is not a number from 0 to {long.MaxValue}");
    }

    /// <summary>Seconds with a fraction of any length; what is finer than a nanosecond is cut off towards the past.</summary>
    private static TarTime ParseTime(ReadOnlySpan<byte> value, long offset)
    {
        bool negative = value[0] == '-';
        ReadOnlySpan<byte> digits = negative ? value[1..] : value;
        int dot = digits.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = dot < 0 ? digits : digits[..dot];
        ReadOnlySpan<byte> fraction = dot < 0 ? [] : digits[(dot + 1)..];
        if (whole.IsEmpty || fraction.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            throw TarFormatError.At(offset, $"mtime '{ByteText.Show(value)}' is not a time");
        long seconds = Number(whole, "mtime", offset)!.Value;
        int nanoseconds = 0;
        for (int i = 0; i < 9; i++)
            nanoseconds = nanoseconds * 10 + (i < fraction.Length ? fraction[i] - '0' : 0);
        if (!negative)
            return new TarTime(seconds, nanoseconds);
        bool finer = fraction.Length > 9 && fraction[9..].IndexOfAnyExcept((byte)'0') >= 0;
        if (finer && ++nanoseconds == 1_000_000_000)
            (seconds, nanoseconds) = (seconds + 1, 0);
        return nanoseconds == 0 ? new TarTime(-seconds, 0) : new TarTime(-seconds - 1, 1_000_000_000 - nanoseconds);
    }
}
