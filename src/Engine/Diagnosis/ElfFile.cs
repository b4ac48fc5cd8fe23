using System.Buffers.Binary;
using System.Text;

namespace Rundlet.Engine.Diagnosis;

/// <summary>What elf(5) says at the beginning of a program or a library; every number in it is somebody else's.</summary>
internal sealed class ElfFile
{
    private const int MaxHeaders = 128;
    private const int MaxDynamic = 64 << 10;
    private const int MaxName = 4096;
    private const uint TypeLoad = 1, TypeDynamic = 2, TypeInterpreter = 3;
    private const ulong TagNeeded = 1, TagStrings = 5, TagRpath = 15, TagRunpath = 29;

    private static readonly (int Machine, string Name)[] s_machines =
    [
        (3, "386"), (8, "mips"), (21, "ppc64"), (22, "s390x"), (40, "arm"), (62, "amd64"), (183, "arm64"), (243, "riscv64"), (258, "loong64"),
    ];

    /// <summary>The architecture, as images call it.</summary>
    public required string Architecture { get; init; }

    /// <summary>The loader that the kernel starts in its place; null for a static program.</summary>
    public string? Interpreter { get; private set; }

    /// <summary>Names of libraries that it wants.</summary>
    public List<string> Needed { get; } = [];

    /// <summary>Folders where it wants them searched first.</summary>
    public List<string> SearchPath { get; } = [];

    /// <summary>Reads a file; null where it is no ELF file.</summary>
    public static ElfFile? TryRead(RootFiles files, string path)
    {
        byte[] header = files.Read(path, 0, 64);
        if (header.Length < 52 || !header.AsSpan().StartsWith("\x7f"u8) || !header.AsSpan(1).StartsWith("ELF"u8))
            return null;
        Layout layout = new(header[4] == 2, header[5] == 2);
        int machine = layout.Half(header, 18);
        ElfFile file = new() { Architecture = s_machines.FirstOrDefault(known => known.Machine == machine).Name ?? $"machine {machine}" };
        if (layout.IsWide && header.Length < 64)
            return file;
        file.ReadHeaders(files, path, layout, header);
        return file;
    }

    private void ReadHeaders(RootFiles files, string path, Layout layout, byte[] header)
    {
        int size = layout.Half(header, layout.IsWide ? 54 : 42), count = Math.Min((int)layout.Half(header, layout.IsWide ? 56 : 44), MaxHeaders);
        if (size < (layout.IsWide ? 56 : 32))
            return;
        byte[] table = files.Read(path, layout.Address(header, layout.IsWide ? 32 : 28), size * count);
        List<Segment> segments = [];
        for (int at = 0; at + size <= table.Length; at += size)
            segments.Add(layout.Segment(table.AsSpan(at, size)));
        foreach (Segment segment in segments)
        {
            if (segment.Type == TypeInterpreter)
                Interpreter = TextAt(files, path, segment.Offset, (int)Math.Clamp(segment.Length, 0, MaxName));
            else if (segment.Type == TypeDynamic)
                ReadDynamic(files, path, layout, segment, segments);
        }
    }

    private void ReadDynamic(RootFiles files, string path, Layout layout, Segment dynamic, List<Segment> segments)
    {
        byte[] table = files.Read(path, dynamic.Offset, (int)Math.Clamp(dynamic.Length, 0, MaxDynamic));
        int word = layout.IsWide ? 8 : 4;
        List<(ulong Tag, long Value)> entries = [];
        for (int at = 0; at + 2 * word <= table.Length; at += 2 * word)
            entries.Add(((ulong)layout.Address(table, at), layout.Address(table, at + word)));
        long strings = entries.FirstOrDefault(entry => entry.Tag == TagStrings).Value;
        Segment? holder = segments.Find(segment => segment.Type == TypeLoad && strings >= segment.Address && strings - segment.Address < segment.Length);
        if (holder is null)
            return;
        long start = holder.Offset + (strings - holder.Address);
        foreach ((ulong tag, long value) in entries)
        {
            if (tag is not (TagNeeded or TagRpath or TagRunpath) || value < 0)
                continue;
            string text = TextAt(files, path, start + value, MaxName);
            if (tag == TagNeeded)
                Needed.Add(text);
            else
                SearchPath.AddRange(text.Split(':', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private static string TextAt(RootFiles files, string path, long offset, int most)
    {
        ReadOnlySpan<byte> bytes = files.Read(path, offset, most);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private sealed record Segment(uint Type, long Offset, long Address, long Length);

    /// <summary>32 or 64 bits, in this order or the other.</summary>
    private readonly record struct Layout(bool IsWide, bool IsBigEndian)
    {
        public ushort Half(ReadOnlySpan<byte> bytes, int at) =>
            IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

        public uint Word(ReadOnlySpan<byte> bytes, int at) =>
            IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

        // A negative one is beyond what a file can hold, and read as nothing.
        public long Address(ReadOnlySpan<byte> bytes, int at) =>
            !IsWide ? Word(bytes, at) : IsBigEndian ? BinaryPrimitives.ReadInt64BigEndian(bytes[at..]) : BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

        public Segment Segment(ReadOnlySpan<byte> entry) => IsWide
            ? new Segment(Word(entry, 0), Address(entry, 8), Address(entry, 16), Address(entry, 32))
            : new Segment(Word(entry, 0), Address(entry, 4), Address(entry, 8), Address(entry, 16));
    }
}
