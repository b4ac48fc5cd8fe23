using System.Text;

namespace Rundlet.Images.Tar;

public sealed partial class TarWriter
{
    /// <summary>
    /// Writes the headers of a file with holes in GNU's sparse form 1.0, which GNU tar, bsdtar and Go's readers know: the map of the
    /// pieces stands in front of the data. Then exactly the bytes of the pieces must follow, one after the other.
    /// </summary>
    /// <param name="entry">A file, with the size that it has with its holes.</param>
    /// <param name="segments">The pieces, ascending, not overlapping, at most <see cref="TarReader.MaxSegments"/>.</param>
    /// <inheritdoc cref="Write" path="/exception"/>
    public void BeginSparse(TarEntry entry, IReadOnlyList<TarSegment> segments)
    {
        EndEntry();
        entry = entry with { IsSparse = true };
        Check(entry);
        long end = 0, data = 0;
        foreach (TarSegment segment in segments)
        {
            if (segment.Length < 0 || segment.Offset < end || segment.Length > entry.Size - segment.Offset)
                throw TarFormatError.In(entry, "the map of its pieces is out of order or goes past its end");
            end = segment.Offset + segment.Length;
            data += segment.Length;
        }
        if (entry.Kind != TarEntryKind.Regular || segments.Count > TarReader.MaxSegments)
            throw TarFormatError.In(entry, $"has holes and is no file, or has more than {TarReader.MaxSegments} pieces");
        byte[] map = MapOf(segments);
        var pax = new MemoryStream();
        AddRecord(pax, "GNU.sparse.major"u8, "1"u8);
        AddRecord(pax, "GNU.sparse.minor"u8, "0"u8);
        AddRecord(pax, "GNU.sparse.name"u8, entry.Name);
        AddRecord(pax, "GNU.sparse.realsize"u8, Encoding.ASCII.GetBytes($"{entry.Size}"));
        WriteHeaders(entry, SparseName(entry.Name), map.Length + data, pax);
        WriteData(map);
    }

    /// <summary>Decimal numbers, a line each, the count of pieces first, padded to a block.</summary>
    private static byte[] MapOf(IReadOnlyList<TarSegment> segments)
    {
        var text = new StringBuilder().Append(segments.Count).Append('\n');
        foreach (TarSegment segment in segments)
            text.Append(segment.Offset).Append('\n').Append(segment.Length).Append('\n');
        byte[] map = new byte[(text.Length + TarHeader.BlockSize - 1) & -TarHeader.BlockSize];
        Encoding.ASCII.GetBytes(text.ToString(), map);
        return map;
    }

    /// <summary>What readers see that do not know the form, as GNU tar calls it, without a process id.</summary>
    private static byte[] SparseName(ReadOnlySpan<byte> name)
    {
        int slash = name.LastIndexOf((byte)'/') + 1;
        return [.. name[..slash], .. "GNUSparseFile.0/"u8, .. name[slash..]];
    }
}
