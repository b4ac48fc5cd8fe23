using System.Security.Cryptography;
using System.Text;
using Rundlet.Linux.Capabilities;
using Rundlet.Linux.Seccomp;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Seccomp;

public sealed class FilterCacheTests : IDisposable
{
    private static readonly byte[] s_section = Encoding.ASCII.GetBytes("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}""");
    private static readonly SeccompProgram s_program = new([6, 0, 0, 0, 1, 0, 5, 0, 6, 0, 0, 0, 0, 0, 0xff, 0x7f], SECCOMP.FILTER_FLAG_LOG, false);

    private readonly string _parent = Directory.CreateTempSubdirectory("rundlet-filters-").FullName;
    private readonly FilterCache _cache;

    public FilterCacheTests() => _cache = new FilterCache(Folder, Sys.geteuid());

    private string Folder => $"{_parent}/filters";

    private string Entry => Assert.Single(Directory.GetFiles(Folder));

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void What_was_kept_is_read_by_the_same_section_and_by_no_other()
    {
        Assert.False(_cache.TryRead(s_section, out _));
        _cache.Write(s_section, s_program);
        Assert.True(_cache.TryRead(s_section, out SeccompProgram read));
        Assert.Equal(s_program.Filter, read.Filter);
        Assert.Equal(s_program.Flags, read.Flags);
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(Folder));
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(Entry));
        Assert.False(_cache.TryRead(s_section.AsSpan(1), out _));
        // As if two sections had one hash.
        byte[] other = [.. s_section];
        other[^5] ^= 1;
        string first = Entry;
        _cache.Write(other, s_program);
        string second = Directory.GetFiles(Folder).Single(file => file != first);
        File.Copy(first, second, overwrite: true);
        Assert.False(_cache.TryRead(other, out _));
        Assert.True(_cache.TryRead(s_section, out _));
    }

    [Fact]
    public void An_entry_with_any_bit_changed_or_any_byte_missing_is_not_there()
    {
        _cache.Write(s_section, s_program);
        byte[] whole = File.ReadAllBytes(Entry);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << i % 8);
            File.WriteAllBytes(Entry, damaged);
            Assert.False(_cache.TryRead(s_section, out _), $"byte {i}");
            File.WriteAllBytes(Entry, whole[..i]);
            Assert.False(_cache.TryRead(s_section, out _), $"length {i}");
        }
        File.WriteAllBytes(Entry, [.. whole, 0]);
        Assert.False(_cache.TryRead(s_section, out _));
        _cache.Write(s_section, s_program);
        Assert.True(_cache.TryRead(s_section, out _));
    }

    [Fact]
    public void A_folder_or_file_that_others_could_have_written_is_not_looked_at()
    {
        _cache.Write(s_section, s_program);
        string entry = Entry;
        Assert.False(new FilterCache(Folder, Sys.geteuid() + 1).TryRead(s_section, out _));
        File.SetUnixFileMode(entry, (UnixFileMode)0x1B6 /* 0666 */);
        Assert.False(_cache.TryRead(s_section, out _));
        File.SetUnixFileMode(entry, (UnixFileMode)0x180);
        Assert.True(_cache.TryRead(s_section, out _));
        File.SetUnixFileMode(Folder, (UnixFileMode)0x1FF /* 0777 */);
        Assert.False(_cache.TryRead(s_section, out _));
        File.SetUnixFileMode(Folder, (UnixFileMode)0x1C0);
        Assert.True(_cache.TryRead(s_section, out _));

        File.Move(entry, $"{_parent}/elsewhere");
        File.CreateSymbolicLink(entry, $"{_parent}/elsewhere");
        Assert.False(_cache.TryRead(s_section, out _));
        File.Delete(entry);
        File.Move($"{_parent}/elsewhere", entry);
        Directory.Move(Folder, $"{_parent}/moved");
        Directory.CreateSymbolicLink(Folder, $"{_parent}/moved");
        Assert.False(_cache.TryRead(s_section, out _));
        _cache.Write([1, 2, 3], s_program);
        Assert.Single(Directory.GetFiles($"{_parent}/moved"));
        File.Delete(Folder);
    }

    [Fact]
    public void A_filter_that_notifies_is_not_kept()
    {
        _cache.Write(s_section, s_program with { Notifies = true });
        Assert.False(_cache.TryRead(s_section, out _));
    }

    [Fact]
    public void There_are_never_many_entries()
    {
        for (int i = 0; i < 200; i++)
        {
            _cache.Write(BitConverter.GetBytes(i), s_program);
            Assert.True(_cache.TryRead(BitConverter.GetBytes(i), out _));
        }
        Assert.InRange(Directory.GetFiles(Folder).Length, 1, 64);
    }

    // Entries outlive the program that wrote them.
    [Fact]
    public void A_compiler_that_writes_another_filter_has_another_format()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SeccompCompiler.Compile(DefaultSeccompProfile.For(CapabilitySet.None, SeccompArchitecture.X86_64), SeccompArchitecture.X86_64).Filter);
        for (int seed = 0; seed < 40; seed++)
            hash.AppendData(SeccompCompiler.Compile(RandomProfiles.Make(new Random(seed)), SeccompArchitecture.X86_64).Filter);
        (uint Format, string Hash) now = (FilterCache.Format, Convert.ToHexString(hash.GetHashAndReset())[..16]);
        Assert.True(now == (1, "F520F51137892053"), $"filters have changed: raise FilterCache.Format, and write it and {now.Hash} here");
    }
}
