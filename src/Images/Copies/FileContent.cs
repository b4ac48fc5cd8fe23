using Rundlet.Images.Diffs;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

/// <summary>
/// The content of a regular file that others may change meanwhile: as long as it was when it was looked at. What is cut off since is
/// zeroes, what was added is left out. Holes are not read.
/// </summary>
public sealed class FileContent : IDisposable
{
    private readonly OwnedFd _file;
    private readonly SparseMap _map;
    private readonly byte[] _buffer;
    private readonly CancellationToken _cancel;
    private int _segment;
    private long _done;

    internal FileContent(OwnedFd file, byte[] buffer, CancellationToken cancel)
    {
        _file = file;
        _buffer = buffer;
        _cancel = cancel;
        LinuxException.ThrowIfError(Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.SIZE | STATX.BLOCKS, out statx_t stat), "stat");
        Size = (long)stat.stx_size;
        _map = stat.stx_blocks * 512 < stat.stx_size ? SparseMap.Read(file.Value, Size, cancel) : SparseMap.Whole(Size);
    }

    /// <summary>How long it is, in bytes.</summary>
    public long Size { get; }

    /// <summary>The pieces between holes, ascending.</summary>
    public IReadOnlyList<TarSegment> Segments => _map.Segments;

    /// <summary>How many bytes holes have together.</summary>
    public long HoleBytes => Size - _map.DataBytes;

    /// <summary>The next piece; empty at the end. Valid until the next call.</summary>
    /// <param name="at">Where in the file it belongs; pieces ascend, and between them are holes.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ReadOnlySpan<byte> Read(out long at)
    {
        while (true)
        {
            _cancel.ThrowIfCancellationRequested();
            while (_segment < Segments.Count && _done == Segments[_segment].Length)
                (_segment, _done) = (_segment + 1, 0);
            at = 0;
            if (_segment == Segments.Count)
                return [];
            TarSegment segment = Segments[_segment];
            at = segment.Offset + _done;
            int got = FileIo.ReadAt(_file.Value, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, segment.Length - _done)), at);
            if (got == 0)
            {
                _done = segment.Length; // cut off since
                continue;
            }
            _done += got;
            return _buffer.AsSpan(0, got);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
