using System.Buffers.Text;

namespace Rundlet.Images.Tar;

public sealed partial class TarReader
{
    /// <summary>How many pieces a sparse file may have.</summary>
    internal const int MaxSegments = 1 << 17;

    /// <summary>The pieces of a file with holes, or null for an ordinary one. Four forms; see the GNU tar manual, "Sparse Formats".</summary>
    private TarSegment[]? ReadSparseMap(in TarHeader header, PaxRecords pax, long offset, out long size)
    {
        size = _stored;
        List<long>? numbers;
        if (header.Type == 'S')
        {
            size = header.SparseRealSize;
            numbers = ReadOldMap(header, offset);
        }
        else if (pax is { SparseMajor: 1, SparseMinor: null or 0 })
        {
            size = pax.SparseSize ?? throw TarFormatError.At(offset, "a sparse file without its size");
            numbers = ReadMapInData(offset);
        }
        else if (pax.SparseMap is not null)
        {
            size = pax.SparseSize ?? throw TarFormatError.At(offset, "a sparse file without its size");
            numbers = pax.SparseMap;
        }
        else if (pax.SparseMajor is { } major)
        {
            throw TarFormatError.At(offset, $"sparse format {major}.{pax.SparseMinor} is not known");
        }
        else
        {
            return null;
        }
        Within(size, MaxFileBytes, "sparse size", offset);
        return CheckMap(numbers, size, offset);
    }

    /// <summary>Ascending, not overlapping, inside the file, and just as much as is stored.</summary>
    private TarSegment[] CheckMap(List<long> numbers, long size, long offset)
    {
        if (numbers.Count % 2 != 0 || numbers.Count / 2 > MaxSegments)
            throw TarFormatError.At(offset, "the sparse map has an odd number of numbers, or too many");
        var segments = new TarSegment[numbers.Count / 2];
        long end = 0, total = 0;
        for (int i = 0; i < segments.Length; i++)
        {
            (long start, long length) = (numbers[2 * i], numbers[2 * i + 1]);
            if (start < end || start > size || length > size - start)
                throw TarFormatError.At(offset, "the sparse map is out of order or goes past the file's end");
            end = start + length;
            total += length;
            segments[i] = new TarSegment(start, length);
        }
        if (total != _stored)
            throw TarFormatError.At(offset, $"the sparse map tells of {total} bytes, the entry holds {_stored}");
        _segment = 0;
        _segmentDone = 0;
        return segments;
    }

    private List<long> ReadOldMap(in TarHeader header, long offset)
    {
        List<long> numbers = [];
        bool more = AddOldEntries(numbers, header.SparseMap, offset) && header.SparseExtended;
        while (more)
        {
            if (!Fill(TarHeader.BlockSize))
                throw Truncated(offset);
            ReadOnlySpan<byte> block = _buffer.AsSpan(_start, TarHeader.BlockSize);
            bool extended = block[TarHeader.SparseExtensionEntries * 24] != 0;
            more = AddOldEntries(numbers, block[..(TarHeader.SparseExtensionEntries * 24)], offset) && extended;
            Consume(TarHeader.BlockSize);
            if (numbers.Count / 2 > MaxSegments)
                throw TarFormatError.At(offset, "the sparse map has too many numbers");
        }
        return numbers;
    }

    /// <summary>False when an empty entry ended the list.</summary>
    private static bool AddOldEntries(List<long> numbers, ReadOnlySpan<byte> map, long offset)
    {
        for (; !map.IsEmpty; map = map[24..])
        {
            if (map[0] == 0)
                return false;
            numbers.Add(TarHeader.ParseNumber(map[..12], "sparse offset", offset));
            numbers.Add(TarHeader.ParseNumber(map[12..24], "sparse length", offset));
        }
        return true;
    }

    /// <summary>Form 1.0: decimal numbers, a line each, the count first, in front of the data and padded to a block.</summary>
    private List<long> ReadMapInData(long offset)
    {
        long start = _position;
        long count = ReadLine(offset);
        if (count > MaxSegments)
            throw TarFormatError.At(offset, "the sparse map has too many numbers");
        List<long> numbers = new((int)Math.Min(2 * count, 1024));
        for (long i = 0; i < 2 * count; i++)
            numbers.Add(ReadLine(offset));
        int rest = (int)(Padded(_position - start) - (_position - start));
        if (rest > 0 && !Fill(rest))
            throw Truncated(offset);
        Consume(rest);
        _stored -= _position - start;
        return _stored >= 0 ? numbers : throw TarFormatError.At(offset, "the sparse map is longer than the entry");
    }

    private long ReadLine(long offset)
    {
        const int MaxLine = 21;
        for (int length = 0; length < MaxLine; length++)
        {
            if (!Fill(length + 1))
                throw Truncated(offset);
            if (_buffer[_start + length] != '\n')
                continue;
            ReadOnlySpan<byte> digits = _buffer.AsSpan(_start, length);
            if (digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || !Utf8Parser.TryParse(digits, out long number, out int used) || used != length)
                break;
            Consume(length + 1);
            return number;
        }
        throw TarFormatError.At(offset, "the sparse map is not a list of numbers");
    }
}
