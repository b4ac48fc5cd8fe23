using System.Runtime.InteropServices;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

/// <summary>Where in a file there is data, as lseek(2) tells with <c>SEEK_DATA</c> and <c>SEEK_HOLE</c>; holes are not read.</summary>
internal sealed class SparseMap
{
    private readonly List<TarSegment> _segments = [];
    private long _smallestHole = 1;

    /// <summary>The pieces, ascending; at most <see cref="TarReader.MaxSegments"/>.</summary>
    public IReadOnlyList<TarSegment> Segments => _segments;

    /// <summary>How many bytes the pieces have together.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Looks at an open file.</summary>
    /// <param name="fd">The file.</param>
    /// <param name="size">How long it is taken to be, in bytes, whatever it becomes meanwhile.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SparseMap Read(int fd, long size, CancellationToken cancel)
    {
        var map = new SparseMap();
        for (long at = 0; at < size;)
        {
            cancel.ThrowIfCancellationRequested();
            long data = Sys.lseek(fd, at, SEEK.DATA);
            if (Sys.Is((nint)data, Errno.ENXIO))
                break; // a hole to the end
            if (Sys.Is((nint)data, Errno.EINVAL))
                return Whole(size); // a file system that cannot tell
            LinuxException.ThrowIfError((nint)data, "look for data");
            long hole = Sys.lseek(fd, data, SEEK.HOLE);
            if (!Sys.Is((nint)hole, Errno.ENXIO)) // cut off meanwhile
                LinuxException.ThrowIfError((nint)hole, "look for a hole");
            if (data >= size)
                break;
            at = hole <= data ? size : Math.Min(hole, size);
            map.Add(data, at - data);
        }
        map.Count();
        return map;
    }

    /// <summary>A file with these pieces, ascending, not overlapping.</summary>
    public static SparseMap Of(IEnumerable<TarSegment> pieces)
    {
        var map = new SparseMap();
        foreach (TarSegment piece in pieces)
            map.Add(piece.Offset, piece.Length);
        map.Count();
        return map;
    }

    /// <summary>A file without holes.</summary>
    public static SparseMap Whole(long size) => Of(size > 0 ? [new TarSegment(0, size)] : []);

    /// <summary>When there are more pieces than an archive may tell of, the smallest holes become data.</summary>
    private void Add(long offset, long length)
    {
        if (_segments.Count > 0 && Joins(_segments[^1], offset))
        {
            _segments[^1] = new TarSegment(_segments[^1].Offset, offset + length - _segments[^1].Offset);
            return;
        }
        while (_segments.Count >= TarReader.MaxSegments)
        {
            _smallestHole *= 2;
            JoinAll();
        }
        _segments.Add(new TarSegment(offset, length));
    }

    private bool Joins(TarSegment before, long offset) => offset - before.Offset - before.Length < _smallestHole;

    private void JoinAll()
    {
        int kept = 0;
        for (int i = 1; i < _segments.Count; i++)
        {
            TarSegment next = _segments[i];
            if (Joins(_segments[kept], next.Offset))
                _segments[kept] = new TarSegment(_segments[kept].Offset, next.Offset + next.Length - _segments[kept].Offset);
            else
                _segments[++kept] = next;
        }
        CollectionsMarshal.SetCount(_segments, kept + 1);
    }

    private void Count() => DataBytes = _segments.Sum(static segment => segment.Length);
}
