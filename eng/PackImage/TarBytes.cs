using System.Formats.Tar;

namespace Rundlet.PackImage;

/// <summary>A tar in memory whose bytes depend on nothing but what is added: one format, owner 0, times at the epoch.</summary>
internal sealed class TarBytes
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Plain = (UnixFileMode)0b110_100_100;

    private readonly MemoryStream _stream = new();
    private readonly TarWriter _writer;

    public TarBytes() => _writer = new TarWriter(_stream, TarEntryFormat.Ustar, leaveOpen: true);

    public TarBytes Folder(string name, UnixFileMode mode = Executable) => Add(new UstarTarEntry(TarEntryType.Directory, name + "/"), mode);

    public TarBytes File(string name, byte[] content, bool executable = false) =>
        Add(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) }, executable ? Executable : Plain);

    public TarBytes Link(string name, string target) =>
        Add(new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target }, (UnixFileMode)0b111_111_111);

    /// <summary>Ends the archive. Nothing can be added afterwards.</summary>
    public byte[] ToBytes()
    {
        _writer.Dispose();
        return _stream.ToArray();
    }

    private TarBytes Add(UstarTarEntry entry, UnixFileMode mode)
    {
        entry.Mode = mode;
        entry.Uid = 0;
        entry.Gid = 0;
        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        _writer.WriteEntry(entry);
        return this;
    }
}
