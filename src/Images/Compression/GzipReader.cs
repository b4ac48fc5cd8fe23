using System.IO.Compression;

namespace Rundlet.Images.Compression;

/// <summary>
/// gzip, in any number of members, whole or not at all. .NET's reader takes the end of its source for the end of the data, wherever
/// it comes, and stops without a word at what is no further member. So one more member is put behind the source, whose content is known:
/// only behind a source that ends with a whole member does it come out again as the last of all.
/// </summary>
/// <exception cref="InvalidDataException">From reads: damaged, cut off, or followed by something else.</exception>
internal sealed class GzipReader(Stream source) : ReadOnlyStream
{
    private static readonly byte[] s_seal = Pack(Mark);

    private readonly GZipStream _gzip = new(new Sealed(source), CompressionMode.Decompress);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 << 10);
    private int _start;
    private int _end;

    private static ReadOnlySpan<byte> Mark => "\0 the end of gzip \0"u8;

    public override int Read(Span<byte> buffer)
    {
        // The last bytes that came out are held back: they may be the mark.
        while (_end - _start <= Mark.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            int got = _gzip.Read(_buffer, _end, _buffer.Length - _end);
            if (got == 0)
                return Mark.SequenceEqual(_buffer.AsSpan(0, _end)) ? 0 : throw new InvalidDataException();
            _end += got;
        }
        int length = Math.Min(buffer.Length, _end - _start - Mark.Length);
        _buffer.AsSpan(_start, length).CopyTo(buffer);
        _start += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _gzip.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Pack(ReadOnlySpan<byte> content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>The source, and the seal behind it.</summary>
    private sealed class Sealed(Stream source) : ReadOnlyStream
    {
        private int _sealed = -1; // bytes of the seal given out; negative before the source's end

        public override int Read(Span<byte> buffer)
        {
            if (_sealed < 0)
            {
                int got = source.Read(buffer);
                if (got > 0 || buffer.IsEmpty)
                    return got;
                _sealed = 0;
            }
            int length = Math.Min(buffer.Length, s_seal.Length - _sealed);
            s_seal.AsSpan(_sealed, length).CopyTo(buffer);
            _sealed += length;
            return length;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }
    }
}
