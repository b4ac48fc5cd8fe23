using Rundlet.Images.Diffs;
using Rundlet.Images.Tar;

namespace Rundlet.Images.Copies;

/// <summary>Writes copied files into an archive. Files with large holes take GNU's sparse form, see <see cref="LayerPacker.MinHoleBytes"/>.</summary>
/// <param name="target">Gets the archive.</param>
/// <param name="notes">Is told.</param>
public sealed class ArchiveReceiver(Stream target, CopyNotes notes) : ICopyReceiver
{
    private static readonly byte[] s_zeroes = new byte[64 << 10];

    private readonly TarWriter _tar = new(target);

    /// <inheritdoc/>
    public void Add(TarEntry entry, FileContent? content)
    {
        if (content is null)
        {
            _tar.Begin(entry);
            return;
        }
        bool isSparse = content.HoleBytes >= LayerPacker.MinHoleBytes;
        if (isSparse)
            _tar.BeginSparse(entry, content.Segments);
        else
            _tar.Begin(entry);
        // Bytes that stand in the archive: in the sparse form those of pieces, one after the other; else all.
        int next = 0;
        long written = 0, before = 0;
        while (content.Read(out long at) is { IsEmpty: false } piece)
        {
            while (isSparse && at >= content.Segments[next].Offset + content.Segments[next].Length)
                before += content.Segments[next++].Length;
            long place = isSparse ? before + at - content.Segments[next].Offset : at;
            WriteZeroes(place - written);
            _tar.WriteData(piece);
            written = place + piece.Length;
            notes.Count(piece.Length);
        }
        WriteZeroes((isSparse ? content.Size - content.HoleBytes : content.Size) - written);
    }

    /// <inheritdoc/>
    public void Finish() => _tar.Finish();

    private void WriteZeroes(long count)
    {
        for (; count > 0; count -= Math.Min(count, s_zeroes.Length))
            _tar.WriteData(s_zeroes.AsSpan(0, (int)Math.Min(count, s_zeroes.Length)));
    }
}
