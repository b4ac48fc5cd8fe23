using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Seccomp;

/// <summary>
/// Filters that were compiled before, by the text of the section that they were made of. Reading one takes a fifth of the time that
/// compiling takes (docs/adr/0003-compiled-filters-are-kept.md). An entry is the only thing that decides what a container may call,
/// so it is taken only from a folder and a file that nobody but the caller can have written, and only when it is whole:
/// <code>
/// magic  format and architecture   flags   section bytes   filter bytes   check   section   filter
/// </code>
/// The whole section is compared, not its hash: two sections with one hash are two entries that take turns. Whatever is wrong with
/// an entry or the folder, the answer is "not there", and the section is compiled.
/// </summary>
public sealed class FilterCache
{
    /// <summary>Changes with everything that makes the compiler write another filter for the same section.</summary>
    internal const uint Format = 1;

    private const ulong Magic = 0x4650_4253_4352_5552; // "RURCSBPF"
    private const int HeadSize = 40, CheckAt = 32;
    private const int MostSection = 256 << 10;
    private const int MostEntries = 64;

    private readonly string _folder;
    private readonly uint _user;

    /// <summary>A cache in a folder, which is made when something is kept.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="user">Who must own it: the caller's effective user id.</param>
    public FilterCache(string folder, uint user)
    {
        _folder = folder;
        _user = user;
    }

    /// <summary>The cache of this caller: below /run for root, below <c>XDG_RUNTIME_DIR</c> for others; null where there is no such folder.</summary>
    public static FilterCache? OfCaller()
    {
        uint user = Sys.geteuid();
        if (user == 0)
            return new FilterCache("/run/runcs-seccomp", user);
        return Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && runtime[0] == '/'
            ? new FilterCache($"{runtime}/runcs-seccomp", user)
            : null;
    }

    /// <summary>Looks a section up.</summary>
    /// <param name="section">Its text, byte by byte.</param>
    /// <param name="program">The filter and the flags to load it with.</param>
    public bool TryRead(ReadOnlySpan<byte> section, out SeccompProgram program)
    {
        program = default;
        if (section.Length > MostSection || OpenFolder() is not { } folder)
            return false;
        using (folder)
        {
            int fd = Sys.openat(folder.Value, NameOf(section), O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
            if (fd < 0)
                return false;
            using OwnedFd file = new(fd);
            if (!IsOurs(fd, S.IFREG, 0x180 /* 0600 */, out ulong size) || size <= HeadSize || size > (ulong)(HeadSize + section.Length + 8 * SeccompCompiler.MostInstructions))
                return false;
            byte[] entry = new byte[(int)size];
            return Sys.read(fd, entry) == entry.Length && TryParse(entry, section, out program);
        }
    }

    /// <summary>Keeps a filter. Where that is not possible nothing is kept.</summary>
    public void Write(ReadOnlySpan<byte> section, SeccompProgram program)
    {
        if (section.Length > MostSection || program.Notifies)
            return;
        _ = Sys.mkdirat(Sys.AT_FDCWD, _folder, 0x1C0 /* 0700 */); // ignored: it is there, or the next line says so
        if (OpenFolder() is not { } folder)
            return;
        using (folder)
        {
            MakeRoom(folder.Value);
            string temporary = string.Create(CultureInfo.InvariantCulture, $".{Environment.ProcessId}");
            int fd = Sys.openat(folder.Value, temporary, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, 0x180 /* 0600 */);
            if (fd < 0)
                return;
            using OwnedFd file = new(fd);
            byte[] entry = Entry(section, program);
            bool whole = Sys.fchmod(fd, 0x180) == 0 && Sys.write(fd, entry) == entry.Length;
            if (!whole || Sys.renameat2(folder.Value, temporary, folder.Value, NameOf(section), 0) < 0)
                _ = Sys.unlinkat(folder.Value, temporary, 0); // ignored: a left-over is swept with the rest
        }
    }

    private static byte[] Entry(ReadOnlySpan<byte> section, SeccompProgram program)
    {
        byte[] entry = new byte[HeadSize + section.Length + program.Filter.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(entry, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(16), program.Flags);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(20), section.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(24), program.Filter.Length);
        section.CopyTo(entry.AsSpan(HeadSize));
        program.Filter.CopyTo(entry, HeadSize + section.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(CheckAt), CheckOf(entry));
        return entry;
    }

    private static bool TryParse(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> section, out SeccompProgram program)
    {
        program = default;
        int filter = BinaryPrimitives.ReadInt32LittleEndian(entry[24..]);
        bool whole = BinaryPrimitives.ReadUInt64LittleEndian(entry) == Magic
            && BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]) == Version
            && BinaryPrimitives.ReadInt32LittleEndian(entry[20..]) == section.Length
            && filter is > 0 and <= 8 * SeccompCompiler.MostInstructions && filter % 8 == 0
            && entry.Length == HeadSize + section.Length + filter
            && BinaryPrimitives.ReadUInt64LittleEndian(entry[CheckAt..]) == CheckOf(entry)
            && entry.Slice(HeadSize, section.Length).SequenceEqual(section);
        if (whole)
            program = new SeccompProgram(entry[(HeadSize + section.Length)..].ToArray(), BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]), Notifies: false);
        return whole;
    }

    private static ulong Version => (ulong)Format << 32 | (uint)SeccompCompiler.NativeArchitecture;

    private static ulong CheckOf(ReadOnlySpan<byte> entry) => Mix(Mix(0, entry[..CheckAt]), entry[HeadSize..]);

    private static string NameOf(ReadOnlySpan<byte> section) => Mix(Version, section).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Every bit of the text changes about half of the answer's. Against accidents only: what it names is compared in full.</summary>
    private static ulong Mix(ulong seed, ReadOnlySpan<byte> text)
    {
        const ulong First = 0x9E37_79B9_7F4A_7C15, Second = 0xD6E8_FEB8_6659_FD93;
        ulong state = (seed ^ (ulong)text.Length) * First;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(text);
        foreach (ulong word in words)
            state = ulong.RotateLeft(state ^ word * Second, 29) * First;
        foreach (byte rest in text[(8 * words.Length)..])
            state = ulong.RotateLeft(state ^ rest * Second, 29) * First;
        state ^= state >> 32;
        state *= Second;
        return state ^ state >> 29;
    }

    private OwnedFd? OpenFolder()
    {
        int fd = Sys.openat(Sys.AT_FDCWD, _folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        if (fd < 0)
            return null;
        OwnedFd folder = new(fd);
        if (IsOurs(fd, S.IFDIR, 0x1C0 /* 0700 */, out _))
            return folder;
        folder.Dispose();
        return null;
    }

    private bool IsOurs(int fd, uint type, uint mode, out ulong size)
    {
        int answer = Sys.statx(fd, "", AT.EMPTY_PATH, STATX.TYPE | STATX.MODE | STATX.UID | STATX.SIZE, out statx_t file);
        size = file.stx_size;
        return answer == 0 && file.stx_uid == _user && file.stx_mode == (type | mode);
    }

    // All go at once when there are too many: who has that many sections changes them all the time.
    private static void MakeRoom(int folder)
    {
        List<string> names = FolderList.Of(folder, "seccomp filters");
        if (names.Count < MostEntries)
            return;
        foreach (string name in names)
            _ = Sys.unlinkat(folder, name, 0); // ignored: another may have done it
    }
}
