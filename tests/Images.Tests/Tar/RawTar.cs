using System.Text;

namespace Rundlet.Images.Tests.Tar;

/// <summary>Builds archives block by block, also such as no decent program would write.</summary>
internal sealed class RawTar
{
    private readonly MemoryStream _bytes = new();

    public static RawTar New => new();

    public byte[] Unended => _bytes.ToArray();

    public byte[] Ended => [.. _bytes.ToArray(), .. new byte[1024]];

    public RawTar File(string name, string content = "", string mode = "0000644") => Entry('0', name, content: Bytes(content), mode: mode);

    public RawTar Folder(string name, string mode = "0000755") => Entry('5', name, mode: mode);

    public RawTar Symlink(string name, string target) => Entry('2', name, link: target);

    public RawTar HardLink(string name, string target) => Entry('1', name, link: target);

    public RawTar Pax(params (string Key, string Value)[] records)
    {
        var text = new StringBuilder();
        foreach ((string key, string value) in records)
            text.Append(Record(key, value));
        return Entry('x', "pax", content: Bytes(text.ToString()));
    }

    /// <param name="type">The type flag.</param>
    /// <param name="name">Latin 1: each character a byte.</param>
    /// <param name="link">Latin 1.</param>
    /// <param name="content">What follows, padded.</param>
    /// <param name="mode">Field as it stands.</param>
    /// <param name="uid">Field as it stands.</param>
    /// <param name="size">Field as it stands; null for the content's length.</param>
    /// <param name="mtime">Field as it stands.</param>
    /// <param name="magic">Magic and version.</param>
    /// <param name="major">Field as it stands.</param>
    /// <param name="minor">Field as it stands.</param>
    /// <param name="rest">What overwrites the block from byte 345.</param>
    /// <param name="checksum">Field as it stands; null for the right one.</param>
    public RawTar Entry(char type, string name, string link = "", byte[]? content = null, string mode = "0000644", string uid = "0000000",
        string? size = null, string mtime = "00000000000", string magic = "ustar\0" + "00", string major = "0000000", string minor = "0000000",
        string rest = "", string? checksum = null)
    {
        content ??= [];
        byte[] block = new byte[512];
        Put(block, 0, name);
        Put(block, 100, mode);
        Put(block, 108, uid);
        Put(block, 116, "0000000");
        Put(block, 124, size ?? Octal(content.Length, 11));
        Put(block, 136, mtime);
        block[156] = (byte)type;
        Put(block, 157, link);
        Put(block, 257, magic);
        Put(block, 329, major);
        Put(block, 337, minor);
        Put(block, 345, rest);
        Put(block, 148, "        ");
        Put(block, 148, checksum ?? Octal(block.Sum(b => b), 6) + "\0");
        _bytes.Write(block);
        _bytes.Write(content);
        _bytes.Write(new byte[-content.Length & 511]);
        return this;
    }

    /// <summary>A sparse file in the old GNU form, with up to four pieces in its header.</summary>
    public RawTar OldSparse(string name, string content, long size, params (long Offset, long Length)[] map) => OldSparse(name, content, size, extended: false, map);

    /// <inheritdoc cref="OldSparse(string, string, long, ValueTuple{long, long}[])"/>
    public RawTar OldSparse(string name, string content, long size, bool extended, params (long Offset, long Length)[] map)
    {
        string pieces = string.Concat(map.Select(piece => $"{Octal(piece.Offset, 11)}\0{Octal(piece.Length, 11)}\0")).PadRight(4 * 24, '\0');
        return Entry('S', name, content: Bytes(content), magic: "ustar  \0", rest: new string('\0', 41) + pieces + (extended ? "\x01" : "\0") + Octal(size, 11));
    }

    /// <summary>Bytes as they are.</summary>
    public RawTar Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    public static string Octal(long value, int digits) => Convert.ToString(value, 8).PadLeft(digits, '0');

    public static string Record(string key, string value)
    {
        int rest = key.Length + value.Length + 3;
        int length = rest + 1;
        while (length - rest < $"{length}".Length)
            length++;
        return $"{length} {key}={value}\n";
    }

    private static void Put(byte[] block, int at, string latin1) => Bytes(latin1).CopyTo(block, at);
}
