using System.Text;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>
/// The files of a layer as few words a line: <c>d/</c>, <c>d/f = content</c>, <c>l -> target</c>, <c>w gone</c> for a whiteout,
/// <c>d/ opaque</c>, <c>n c 1:3</c> for a device, <c>p fifo</c>; <c>4755</c> behind it where a mode has more than permissions, and
/// <c>(2)</c> for a file of two names.
/// </summary>
internal static class CompactTree
{
    public static List<string> Of(int root)
    {
        List<string> lines = [];
        Add(root, "", lines);
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>Bytes on the disk, of trees of any depth.</summary>
    public static long DiskUsage(string root) => long.Parse(Sandbox.Run("du", "--summarize", "--block-size=1", root).Split('\t')[0]);

    private static void Add(int folder, string path, List<string> lines)
    {
        foreach (FolderReader.Item item in FolderReader.ReadAll(folder, path))
        {
            string shown = path + ByteText.Show(item.Name);
            LinuxException.ThrowIfError(Sys.statx(folder, item.Name, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t stat), "stat", shown);
            string special = (stat.stx_mode & 0xe00) != 0 ? $" {Convert.ToString(stat.stx_mode & 0xfff, 8)}" : "";
            string names = (stat.stx_mode & S.IFMT) != S.IFDIR && stat.stx_nlink > 1 ? $" ({stat.stx_nlink})" : "";
            lines.Add(Describe(folder, item.Name, shown, stat) + special + names);
            if ((stat.stx_mode & S.IFMT) != S.IFDIR)
                continue;
            using OwnedFd child = OwnedFd.FromAnswer(Sys.openat(folder, item.Name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW), "open", shown);
            Add(child.Value, shown + "/", lines);
        }
    }

    private static string Describe(int folder, byte[] name, string shown, statx_t stat)
    {
        switch (stat.stx_mode & S.IFMT)
        {
            case S.IFDIR:
                return $"{shown}/{(Sandbox.Xattr($"/proc/self/fd/{folder}/{Encoding.UTF8.GetString(name)}", "trusted.overlay.opaque") is null ? "" : " opaque")}";
            case S.IFREG when stat.stx_size > 64:
                return $"{shown} of {stat.stx_size}";
            case S.IFREG:
                using (OwnedFd file = OwnedFd.FromAnswer(Sys.openat(folder, name, O.RDONLY | O.NOFOLLOW), "open", shown))
                using (var content = new StreamReader(new FdStream(file, shown), Encoding.Latin1))
                    return $"{shown} = {content.ReadToEnd()}";
            case S.IFLNK:
                byte[] target = new byte[4096];
                return $"{shown} -> {ByteText.Show(target.AsSpan(0, Sys.readlinkat(folder, name, target)))}";
            case S.IFCHR when Sandbox.IsWhiteout(stat):
                return $"{shown} gone";
            case S.IFIFO:
                return $"{shown} fifo";
            default:
                return $"{shown} {((stat.stx_mode & S.IFMT) == S.IFCHR ? 'c' : 'b')} {stat.stx_rdev_major}:{stat.stx_rdev_minor}";
        }
    }
}
