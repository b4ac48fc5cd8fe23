using System.Text;
using Rundlet.Images.Tests.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Diffs;

/// <summary>Fills a folder with files of every kind that a layer can hold, the same for the same seed.</summary>
internal sealed class RandomTree(Random random, bool asUpper)
{
    /// <summary>Whether names are ASCII, and attributes and times such as other programs keep.</summary>
    public bool Plain { get; init; }

    private readonly List<string> _files = [];
    private int _made;

    /// <summary>Fills it.</summary>
    /// <param name="root">Absolute path of an empty folder.</param>
    /// <param name="count">How many files.</param>
    public void Fill(string root, int count)
    {
        List<byte[]> folders = [Encoding.UTF8.GetBytes(root)];
        List<byte[]> linkable = [];
        for (int i = 0; i < count; i++)
        {
            byte[] path = [.. folders[random.Next(folders.Count)], (byte)'/', .. NewName()];
            if (path.Length - root.Length > 3500)
                continue;
            switch (random.Next(10))
            {
                case 0 or 1 or 2:
                    Check(Sys.mkdirat(Sys.AT_FDCWD, path, 0x1c0));
                    folders.Add(path);
                    break;
                case 3:
                    Check(Sys.symlinkat(NewName(random.Next(1, 300)), Sys.AT_FDCWD, path));
                    break;
                case 4:
                    Check(Sys.mknodat(Sys.AT_FDCWD, path, (random.Next(2) == 0 ? S.IFCHR : S.IFBLK) | 0x180, Device(1 + random.Next(4095), random.Next(1 << 20))));
                    break;
                case 5:
                    Check(Sys.mknodat(Sys.AT_FDCWD, path, S.IFIFO | 0x180, 0));
                    break;
                case 6 when asUpper:
                    Check(Sys.mknodat(Sys.AT_FDCWD, path, S.IFCHR, 0));
                    continue; // a whiteout has nothing but its name
                case 7 when linkable.Count > 0:
                    Check(Sys.linkat(Sys.AT_FDCWD, linkable[random.Next(linkable.Count)], Sys.AT_FDCWD, path, 0));
                    continue;
                default:
                    WriteFile(path);
                    linkable.Add(path);
                    break;
            }
            _files.Add(Encoding.Latin1.GetString(path));
        }
        // Owner, then mode and attributes, then time: each undoes the one before it. Folders last, the deepest first.
        foreach (string path in _files)
            Finish(Encoding.Latin1.GetBytes(path));
        for (int i = folders.Count - 1; i >= 0; i--)
            SetTime(folders[i]);
    }

    private void Finish(byte[] path)
    {
        uint type = TypeOf(path);
        Check(Sys.fchownat(Sys.AT_FDCWD, path, Id(), Id(), AT.SYMLINK_NOFOLLOW));
        if (type != S.IFLNK)
            Check(Sys.fchmodat(Sys.AT_FDCWD, path, (uint)random.Next(0x1000)));
        if (type is S.IFREG or S.IFDIR && random.Next(3) == 0)
            Check(Sys.lsetxattr(path, $"user.k{random.Next(100)}", Bytes(random.Next(200))));
        if (!Plain && random.Next(4) == 0)
            Check(Sys.lsetxattr(path, $"trusted.k{random.Next(100)}", Bytes(random.Next(200))));
        if (type == S.IFREG && random.Next(4) == 0)
            Check(Sys.lsetxattr(path, "security.capability", [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        if (asUpper && type == S.IFDIR && random.Next(4) == 0)
            Check(Sys.lsetxattr(path, "trusted.overlay.opaque", "y"u8));
        SetTime(path);
    }

    private void SetTime(byte[] path)
    {
        var time = new timespec { tv_sec = !Plain && random.Next(5) == 0 ? -random.Next(1_000_000) : random.Next(), tv_nsec = random.Next(3) == 0 ? 0 : random.Next(1_000_000_000) };
        Check(Sys.utimensat(Sys.AT_FDCWD, path, time, time, AT.SYMLINK_NOFOLLOW));
    }

    private void WriteFile(byte[] path)
    {
        using OwnedFd file = OwnedFd.FromAnswer(Sys.openat(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT | O.EXCL, 0x180), "create");
        for (int pieces = random.Next(4); pieces > 0; pieces--)
        {
            FileIo.WriteAll(file.Value, Bytes(random.Next(20_000)), "");
            if (random.Next(3) == 0)
                Check((int)Sys.lseek(file.Value, random.Next(1_000_000), 1 /* SEEK_CUR */));
        }
        if (random.Next(4) == 0)
            Check(Sys.ftruncate(file.Value, random.Next(2_000_000)));
    }

    /// <summary>Any bytes but NUL and the slash; sometimes long.</summary>
    private byte[] NewName(int length = 0)
    {
        length = length > 0 ? length : random.Next(8) == 0 ? random.Next(90, 250) : random.Next(1, 12);
        byte[] name = Bytes(length);
        for (int i = 0; i < name.Length; i++)
            name[i] = name[i] is 0 or (byte)'/' or (byte)'.' ? (byte)'x' : !Plain && random.Next(2) == 0 ? name[i] : (byte)('a' + name[i] % 26);
        return [.. Encoding.ASCII.GetBytes($"{_made++:x}"), .. name.AsSpan(0, Math.Min(length, 240))];
    }

    private uint Id() => random.Next(3) switch { 0 => 0, 1 => (uint)random.Next(70_000), _ => uint.MaxValue - 1 - (uint)random.Next(5) };

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static uint TypeOf(byte[] path)
    {
        Check(Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat));
        return stat.stx_mode & S.IFMT;
    }

    private static ulong Device(int major, int minor) => ((uint)minor & 0xff) | (uint)major << 8 | ((ulong)(uint)minor & ~0xffUL) << 12;

    private static void Check(int answer) => LinuxException.ThrowIfError(answer, "make a random tree");
}
