using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

public sealed partial class LayerPacker
{
    /// <summary>
    /// From so many bytes of holes on a file is packed in the sparse form: 64 MiB. The specification asks not to use it (layer.md:
    /// "Sparse files SHOULD NOT be used"), for readers that do not know it; below, zeroes cost next to nothing once they are compressed,
    /// above, they would cost everybody who reads the layer their time and disk: the lastlog of a user with a large id has a terabyte.
    /// </summary>
    internal const long MinHoleBytes = 64L << 20;

    private static readonly byte[] s_zeroes = new byte[64 << 10];

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 << 10);

    private void AddFile(TreeNode node, TarEntry entry)
    {
        using OwnedFd file = node.Open();
        LinuxException.ThrowIfError(Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.SIZE | STATX.BLOCKS, out statx_t stat), "stat");
        long size = (long)stat.stx_size;
        entry = entry with { Size = size };
        SparseMap map = stat.stx_blocks * 512 < stat.stx_size ? SparseMap.Read(file.Value, size, _cancel) : SparseMap.Whole(size);
        if (size - map.DataBytes < MinHoleBytes)
        {
            _tar.Begin(entry);
            long at = 0;
            foreach (TarSegment segment in map.Segments)
            {
                WriteZeroes(segment.Offset - at);
                Copy(file.Value, segment);
                at = segment.Offset + segment.Length;
            }
            WriteZeroes(size - at);
            return;
        }
        _tar.BeginSparse(entry, map.Segments);
        foreach (TarSegment segment in map.Segments)
            Copy(file.Value, segment);
    }

    private void Copy(int file, TarSegment segment)
    {
        long at = segment.Offset, end = segment.Offset + segment.Length;
        while (at < end)
        {
            _cancel.ThrowIfCancellationRequested();
            nint got = Sys.pread(file, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, end - at)), at);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read");
            if (got == 0)
                break; // cut off since its size was written
            _tar.WriteData(_buffer.AsSpan(0, (int)got));
            at += got;
            _bytes += got;
        }
        WriteZeroes(end - at);
    }

    private void WriteZeroes(long count)
    {
        while (count > 0)
        {
            _cancel.ThrowIfCancellationRequested();
            int piece = (int)Math.Min(count, s_zeroes.Length);
            _tar.WriteData(s_zeroes.AsSpan(0, piece));
            count -= piece;
        }
    }
}
