using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tar;

/// <summary>
/// Reads an archive from a stream, once, forwards, in a fixed amount of memory: POSIX ustar and pax, GNU (long names, binary numbers,
/// all its sparse forms), star and the seventh edition's. Nothing is believed: checksums are verified, every number has a range, and
/// every length a bound.
/// <code>
/// while (reader.Next() is { } entry)
///     while (reader.ReadData(out long at) is { IsEmpty: false } piece) …
/// </code>
/// </summary>
public sealed partial class TarReader
{
    /// <summary>How long a path or a link target may be, in bytes: with its NUL it must fit the kernel's PATH_MAX.</summary>
    public const int MaxNameBytes = 4095;

    /// <summary>How long the extended headers of one entry may be together, in bytes.</summary>
    public const int MaxPaxBytes = 1 << 20;

    /// <summary>How long a file may be, in bytes.</summary>
    public const long MaxFileBytes = 1L << 60;

    private const int BufferBytes = 256 << 10;

    private readonly Stream _source;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private int _start;
    private int _end;
    private long _position; // in the archive, of _buffer[_start]
    private bool _finished;
    private PaxRecords _global = new();

    /// <summary>Starts at the stream's position. The stream stays the caller's.</summary>
    public TarReader(Stream source) => _source = source;

    /// <summary>The next entry, or null at the archive's end. What was not read of the last entry's content is passed over.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: damaged, or not an archive; says where.</exception>
    public TarEntry? Next()
    {
        SkipData();
        if (_finished)
            return null;
        PaxRecords? own = null;
        byte[]? longName = null, longLink = null;
        int extended = 0;
        while (true)
        {
            long offset = _position;
            if (!TryHeader(out TarHeader header))
            {
                if (own is not null || longName is not null || longLink is not null)
                    throw TarFormatError.At(offset, "the archive ends between an extended header and its entry");
                _finished = true;
                return null;
            }
            switch (header.Type)
            {
                case (byte)'g':
                    PaxRecords global = _global.Clone();
                    global.Add(ExtendedHeader(header.Size, ref extended, offset), offset);
                    _global = global;
                    break;
                case (byte)'x' or (byte)'X':
                    own ??= _global.Clone();
                    own.Add(ExtendedHeader(header.Size, ref extended, offset), offset);
                    break;
                case (byte)'L':
                    longName = LongName(header.Size, ref extended, offset);
                    break;
                case (byte)'K':
                    longLink = LongName(header.Size, ref extended, offset);
                    break;
                case (byte)'V':
                    break; // GNU: the archive's own name, no content
                default:
                    return Describe(header, own ?? _global, longName, longLink, offset);
            }
        }
    }

    /// <summary>Reads on to the stream's own end, so that whoever counts or hashes below sees all of it.</summary>
    public void Drain()
    {
        SkipData();
        _finished = true;
        do
        {
            _position += _end - _start;
            _start = _end = 0;
        }
        while (Fill(1));
    }

    /// <summary>A header block, checked. False at the end: a block of zeroes, or no more bytes.</summary>
    private bool TryHeader(out TarHeader header)
    {
        header = default;
        if (!Fill(TarHeader.BlockSize))
        {
            if (_end == _start)
                return false;
            throw TarFormatError.At(_position, "the archive ends within a header");
        }
        header = new TarHeader(_buffer.AsSpan(_start, TarHeader.BlockSize), _position);
        if (header.IsZero)
            return false;
        header.VerifyChecksum();
        Consume(TarHeader.BlockSize);
        return true;
    }

    /// <summary>The content of an extended header. Valid until the next read.</summary>
    private ReadOnlySpan<byte> ExtendedHeader(long size, ref int total, long offset)
    {
        if (size > MaxPaxBytes - total)
            throw TarFormatError.At(offset, $"extended headers of more than {MaxPaxBytes} bytes");
        total += Math.Max((int)size, TarHeader.BlockSize); // an endless row of empty ones is bounded too
        int padded = (int)Padded(size);
        if (padded > _buffer.Length)
            return LargeBlock(padded, offset).AsSpan(0, (int)size);
        if (!Fill(padded))
            throw Truncated(offset);
        ReadOnlySpan<byte> content = _buffer.AsSpan(_start, (int)size);
        Consume(padded);
        return content;
    }

    private byte[] LargeBlock(int length, long offset)
    {
        byte[] block = new byte[length];
        for (int done = 0; done < length;)
        {
            if (!Fill(1))
                throw Truncated(offset);
            int piece = Math.Min(_end - _start, length - done);
            _buffer.AsSpan(_start, piece).CopyTo(block.AsSpan(done));
            Consume(piece);
            done += piece;
        }
        return block;
    }

    private byte[] LongName(long size, ref int total, long offset)
    {
        if (size > MaxNameBytes + 1)
            throw TarFormatError.At(offset, $"a name of more than {MaxNameBytes} bytes");
        ReadOnlySpan<byte> name = ExtendedHeader(size, ref total, offset);
        int end = name.IndexOf((byte)0);
        return (end < 0 ? name : name[..end]).ToArray();
    }

    /// <summary>Makes at least so many bytes stand in the buffer; false when the stream ends before.</summary>
    private bool Fill(int count)
    {
        while (_end - _start < count)
        {
            if (_buffer.Length - _start < count)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            else if (_start == _end)
            {
                _start = _end = 0;
            }
            int got = _source.Read(_buffer, _end, _buffer.Length - _end);
            if (got == 0)
                return false;
            _end += got;
        }
        return true;
    }

    private void Consume(int count)
    {
        _start += count;
        _position += count;
    }

    private static long Padded(long size) => (size + TarHeader.BlockSize - 1) & -TarHeader.BlockSize;

    private static ContainerException Truncated(long offset) => TarFormatError.At(offset, "the archive ends within an entry");
}
