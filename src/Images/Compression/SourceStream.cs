using Rundlet.Images.Content;

namespace Rundlet.Images.Compression;

/// <summary>
/// A layer's bytes as they come: read in large pieces, whose beginning can be looked at, each given to a blob on its way to the reader.
/// </summary>
internal sealed class SourceStream(Stream source, BlobWriter? copy, CancellationToken cancel) : ReadOnlyStream
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 << 10);
    private int _start;
    private int _end;

    /// <summary>The next bytes without taking them; fewer than asked at the stream's end.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        while (_end - _start < count && Refill())
        {
        }
        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (!Refill())
                return 0;
        }
        int length = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, length).CopyTo(buffer);
        _start += length;
        return length;
    }

    /// <summary>Reads to the end: what stands behind the packed data belongs to the blob, too.</summary>
    public void Drain()
    {
        do
            _start = _end = 0;
        while (Refill());
    }

    private bool Refill()
    {
        cancel.ThrowIfCancellationRequested();
        int got = source.Read(_buffer, _end, _buffer.Length - _end);
        copy?.Write(_buffer.AsSpan(_end, got));
        _end += got;
        return got > 0;
    }
}
