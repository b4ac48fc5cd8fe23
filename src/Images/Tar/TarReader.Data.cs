using Rundlet.Linux;

namespace Rundlet.Images.Tar;

public sealed partial class TarReader
{
    private long _stored; // bytes of the current entry's content that were not handed out yet
    private int _padding;
    private TarSegment[]? _segments;
    private int _segment;
    private long _segmentDone;

    /// <summary>The next piece of the current entry's content, straight from the buffer; empty at its end. Valid until the next call.</summary>
    /// <param name="at">Where in the file the piece belongs; pieces ascend, and between them are holes.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: the archive ends too early.</exception>
    public ReadOnlySpan<byte> ReadData(out long at)
    {
        at = 0;
        long want = _stored;
        if (_segments is not null)
        {
            while (_segment < _segments.Length && _segmentDone == _segments[_segment].Length)
                (_segment, _segmentDone) = (_segment + 1, 0);
            if (_segment < _segments.Length)
            {
                at = _segments[_segment].Offset + _segmentDone;
                want = _segments[_segment].Length - _segmentDone;
            }
        }
        if (want == 0 || _stored == 0)
            return [];
        if (!Fill(1))
            throw Truncated(_position);
        int length = (int)Math.Min(want, _end - _start);
        ReadOnlySpan<byte> piece = _buffer.AsSpan(_start, length);
        Consume(length);
        _stored -= length;
        _segmentDone += length;
        if (_segments is null)
            at = _dataDone;
        _dataDone += length;
        return piece;
    }

    /// <summary>The whole of a small entry's content.</summary>
    /// <param name="entry">The current entry.</param>
    /// <param name="limit">The most to accept, in bytes.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is longer, or the archive ends too early.</exception>
    public byte[] ReadAll(TarEntry entry, int limit)
    {
        if (entry.Size > limit)
            throw TarFormatError.In(entry, $"longer than {limit} bytes");
        byte[] content = new byte[entry.Size];
        while (ReadData(out long at) is { IsEmpty: false } piece)
            piece.CopyTo(content.AsSpan((int)at));
        return content;
    }

    private long _dataDone;

    private void SkipData()
    {
        long skip = _stored + _padding;
        (_stored, _padding, _segments, _dataDone) = (0, 0, null, 0);
        int buffered = (int)Math.Min(skip, _end - _start);
        Consume(buffered);
        skip -= buffered;
        if (skip > 0 && _source.CanSeek)
        {
            if (skip > _source.Length - _source.Position)
                throw Truncated(_position);
            _source.Seek(skip, SeekOrigin.Current);
            _position += skip;
            return;
        }
        while (skip > 0)
        {
            if (!Fill(1))
                throw Truncated(_position);
            int piece = (int)Math.Min(skip, _end - _start);
            Consume(piece);
            skip -= piece;
        }
    }
}
