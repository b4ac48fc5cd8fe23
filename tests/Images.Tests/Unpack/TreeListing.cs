using System.Security.Cryptography;
using System.Text;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Unpack;

/// <summary>A folder as lines that can be compared: everything of each file that an archive keeps.</summary>
internal static class TreeListing
{
    public static List<string> Of(string root)
    {
        List<string> lines = [];
        Dictionary<ulong, string> seen = [];
        Add(RawTarName(root), "", lines, seen);
        return lines;
    }

    private static void Add(byte[] path, string shown, List<string> lines, Dictionary<ulong, string> seen)
    {
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t stat), "stat", shown);
        uint type = stat.stx_mode & S.IFMT;
        string line = $"{shown} mode={Convert.ToString(stat.stx_mode, 8)} {stat.stx_uid}:{stat.stx_gid} dev={stat.stx_rdev_major}:{stat.stx_rdev_minor}"
            + $" mtime={stat.stx_mtime.tv_sec}.{stat.stx_mtime.tv_nsec:d9} xattrs={Xattrs(path)}";
        if (type != S.IFDIR && stat.stx_nlink > 1 && !seen.TryAdd(stat.stx_ino, shown))
        {
            lines.Add($"{shown} same as {seen[stat.stx_ino]}");
            return;
        }
        if (type == S.IFREG)
            line += $" size={stat.stx_size} {Hash(path)}";
        if (type == S.IFLNK)
        {
            byte[] target = new byte[4096];
            line += " -> " + Encoding.Latin1.GetString(target, 0, Sys.readlinkat(Sys.AT_FDCWD, path, target));
        }
        lines.Add(line);
        if (type != S.IFDIR)
            return;
        using OwnedFd folder = OwnedFd.FromAnswer(Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY), "open", shown);
        foreach (FolderReader.Item item in FolderReader.ReadAll(folder.Value, shown).OrderBy(i => Encoding.Latin1.GetString(i.Name), StringComparer.Ordinal))
            Add([.. path, (byte)'/', .. item.Name], $"{shown}/{Encoding.Latin1.GetString(item.Name)}", lines, seen);
    }

    private static string Xattrs(byte[] path)
    {
        byte[] names = new byte[65536];
        nint length = Sys.llistxattr(path, names);
        IEnumerable<string> all = Encoding.Latin1.GetString(names, 0, (int)Math.Max(0, length)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(',', all.Order(StringComparer.Ordinal).Select(name =>
        {
            byte[] value = new byte[65536];
            return $"{name}={Convert.ToHexString(value, 0, (int)Sys.lgetxattr(path, name, value))}";
        }));
    }

    private static string Hash(byte[] path)
    {
        using OwnedFd file = OwnedFd.FromAnswer(Sys.openat(Sys.AT_FDCWD, path, O.RDONLY), "open");
        using var stream = new FdStream(file, "file");
        return Convert.ToHexString(SHA256.HashData(stream));
    }

    private static byte[] RawTarName(string path) => Encoding.UTF8.GetBytes(path);
}
