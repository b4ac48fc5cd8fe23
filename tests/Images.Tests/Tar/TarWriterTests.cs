using System.Text;
using Rundlet.Images.Tar;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Tar;

public class TarWriterTests
{
    public static TheoryData<TarEntry> Entries => new()
    {
        Entry("plain"),
        Entry("folder/", TarEntryKind.Directory) with { Mode = 0x3ff },
        Entry("link", TarEntryKind.SymbolicLink) with { LinkName = "/target"u8.ToArray() },
        Entry("long-link", TarEntryKind.SymbolicLink) with { LinkName = Encoding.ASCII.GetBytes(new string('t', 4095)) },
        Entry("hard", TarEntryKind.HardLink) with { LinkName = "plain"u8.ToArray() },
        Entry("device", TarEntryKind.CharacterDevice) with { DeviceMajor = 4095, DeviceMinor = 1048575 },
        Entry("fifo", TarEntryKind.Fifo),
        Entry(new string('d', 150) + "/" + new string('n', 100)),
        Entry(new string('n', 101)),
        Entry(string.Join('/', Enumerable.Repeat("component", 400))),
        Entry("ids") with { Uid = uint.MaxValue - 1, Gid = 0x200000 },
        Entry("time") with { Mtime = new TarTime(-5, 123_456_789) },
        Entry("fine") with { Mtime = new TarTime(1_600_000_000, 123_456_789) },
        Entry("late") with { Mtime = new TarTime(1L << 40, 100) },
        Entry("caps") with { Xattrs = [new("security.capability"u8.ToArray(), [1, 0, 0, 2, 0, (byte)'\n', 0, 0, 0, (byte)'=', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), new("user.empty"u8.ToArray(), [])] },
        Entry("x") with { Name = [0xff, 0xfe] },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void What_is_written_is_read_back(TarEntry entry)
    {
        byte[] content = entry.Kind == TarEntryKind.Regular ? "some content"u8.ToArray() : [];
        byte[] tar = Write((entry with { Size = content.Length }, content), (Entry("after"), []));
        List<(TarEntry Entry, byte[] Content)> read = TarReaderTests.ReadAll(tar);
        Assert.Equal(2, read.Count);
        TarEntry got = read[0].Entry;
        Assert.Equal(entry.Name, got.Name);
        Assert.Equal(entry.LinkName, got.LinkName);
        Assert.Equal((entry.Kind, entry.Mode, entry.Uid, entry.Gid, entry.Mtime, entry.DeviceMajor, entry.DeviceMinor),
            (got.Kind, got.Mode, got.Uid, got.Gid, got.Mtime, got.DeviceMajor, got.DeviceMinor));
        Assert.Equal(entry.Xattrs.Select(x => (Convert.ToHexString(x.Name), Convert.ToHexString(x.Value))),
            got.Xattrs.Select(x => (Convert.ToHexString(x.Name), Convert.ToHexString(x.Value))));
        Assert.Equal(content, read[0].Content);
    }

    [Fact]
    public void Gnu_tar_lists_every_entry_as_it_was_written()
    {
        using var sandbox = new Sandbox();
        string archive = $"{sandbox.Path}/archive.tar";
        TarEntry[] entries = [.. Entries.Select(row => row.Data)];
        File.WriteAllBytes(archive, Write([.. entries.Select(e => (e, Array.Empty<byte>()))]));
        string[] names = Sandbox.Run("tar", "--list", "--quoting-style=literal", "--show-transformed-names", "-f", archive).TrimEnd('\n').Split('\n');
        Assert.Equal(entries.Length, names.Length);
        Assert.Equal(entries[..^1].Select(e => Encoding.UTF8.GetString(e.Name)), names[..^1]);
        string listing = Sandbox.Run("env", "TZ=UTC", "tar", "--list", "--verbose", "--numeric-owner", "--full-time", "-f", archive);
        Assert.Contains("4294967294/2097152", listing, StringComparison.Ordinal);
        Assert.Contains("4095,1048575", listing, StringComparison.Ordinal);
        Assert.Contains("2020-09-13 12:26:40.123456789", listing, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_entries_give_the_same_bytes()
    {
        (TarEntry, byte[])[] entries = [.. Entries.Select(row => (row.Data, Array.Empty<byte>()))];
        Assert.Equal(Write(entries), Write(entries));
    }

    [Fact]
    public void Content_of_another_length_than_the_entry_says_is_refused()
    {
        var writer = new TarWriter(new MemoryStream());
        Assert.Throws<ContainerException>(() => writer.Write(Entry("a") with { Size = 3 }, "four"u8));
        writer.Begin(Entry("b") with { Size = 3 });
        Assert.Throws<ContainerException>(() => writer.WriteData("four"u8));
        writer.WriteData("12"u8);
        Assert.Throws<ContainerException>(writer.Finish);
    }

    internal static TarEntry Entry(string name, TarEntryKind kind = TarEntryKind.Regular) =>
        new() { Kind = kind, Name = Encoding.UTF8.GetBytes(name), Mode = 0x1a4, Mtime = new TarTime(1_700_000_000, 0) };

    internal static byte[] Write(params (TarEntry Entry, byte[] Content)[] entries)
    {
        var bytes = new MemoryStream();
        var writer = new TarWriter(bytes);
        foreach ((TarEntry entry, byte[] content) in entries)
            writer.Write(entry, content);
        writer.Finish();
        return bytes.ToArray();
    }
}
