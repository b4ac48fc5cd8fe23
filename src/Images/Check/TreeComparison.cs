using System.Text;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Check;

/// <summary>Compares two folders with all that a layer holds: names, kinds, owners, modes, times of all but folders, attributes, link targets, content.</summary>
/// <param name="cancel">Ends it.</param>
/// <param name="implied">Folders of which only the content counts; of each path a character is a byte.</param>
internal sealed class TreeComparison(CancellationToken cancel, IReadOnlyCollection<string>? implied = null)
{
    private const int Piece = 128 << 10;
    private static readonly Comparer<byte[]> s_order = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));

    private readonly HashSet<string> _implied = [.. implied ?? []];
    private readonly byte[] _left = new byte[Piece];
    private readonly byte[] _right = new byte[Piece];

    /// <summary>The first difference in words, with its path; null when there is none.</summary>
    /// <param name="expected">An fd of the folder as it should be.</param>
    /// <param name="actual">An fd of the folder in question.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public string? Compare(int expected, int actual)
    {
        // Folders that are still to do, as paths from the two roots; depth costs neither stack nor fds.
        var folders = new Stack<byte[]>([[]]);
        if (!_implied.Contains("") && CompareEntry(expected, [], actual, out _) is { } root)
            return $"'/' {root}";
        while (folders.TryPop(out byte[]? path))
        {
            cancel.ThrowIfCancellationRequested();
            using OwnedFd left = Open(expected, path), right = Open(actual, path);
            List<byte[]> names = Names(left.Value), others = Names(right.Value);
            if (FirstMissing(names, others) is { } missing)
                return $"lacks '{Show(path, missing)}'";
            if (FirstMissing(others, names) is { } surplus)
                return $"has '{Show(path, surplus)}', which its archive has not";
            foreach (byte[] name in names)
            {
                byte[] full = path.Length == 0 ? name : [.. path, (byte)'/', .. name];
                bool isImplied = _implied.Count > 0 && _implied.Contains(Encoding.Latin1.GetString(full));
                if (CompareEntry(left.Value, name, right.Value, out bool isFolder) is { } difference && !(isImplied && isFolder))
                    return $"'{Show(path, name)}' {difference}";
                if (isFolder)
                    folders.Push(full);
            }
        }
        return null;
    }

    private string? CompareEntry(int left, byte[] name, int right, out bool isFolder)
    {
        statx_t expected = Stat(left, name), actual = Stat(right, name);
        uint kind = (uint)expected.stx_mode & S.IFMT;
        isFolder = kind == S.IFDIR;
        if (expected.stx_mode != actual.stx_mode)
            return $"has mode {Convert.ToString(actual.stx_mode, 8)}, not {Convert.ToString(expected.stx_mode, 8)}";
        if ((expected.stx_uid, expected.stx_gid) != (actual.stx_uid, actual.stx_gid))
            return $"belongs to {actual.stx_uid}:{actual.stx_gid}, not {expected.stx_uid}:{expected.stx_gid}";
        if ((expected.stx_rdev_major, expected.stx_rdev_minor) != (actual.stx_rdev_major, actual.stx_rdev_minor))
            return "is another device";
        // A folder that the archive does not list has the time of its making, and so has every whiteout.
        bool isWhiteout = kind == S.IFCHR && expected is { stx_rdev_major: 0, stx_rdev_minor: 0 };
        if (!isFolder && !isWhiteout && (expected.stx_mtime.tv_sec, expected.stx_mtime.tv_nsec) != (actual.stx_mtime.tv_sec, actual.stx_mtime.tv_nsec))
            return "has another time";
        if (kind == S.IFLNK)
            return ReadLink(left, name).AsSpan().SequenceEqual(ReadLink(right, name)) ? null : "leads elsewhere";
        if (kind != S.IFREG && kind != S.IFDIR)
            return null;
        using OwnedFd expectedFile = OpenEntry(left, name), actualFile = OpenEntry(right, name);
        if (CompareAttributes(expectedFile.Value, actualFile.Value) is { } attribute)
            return attribute;
        if (kind == S.IFDIR)
            return null;
        return expected.stx_size == actual.stx_size && SameContent(expectedFile.Value, actualFile.Value) ? null : "has another content";
    }

    private static string? CompareAttributes(int left, int right)
    {
        byte[] expected = Attributes(left), actual = Attributes(right);
        return expected.AsSpan().SequenceEqual(actual) ? null : "has other attributes";
    }

    /// <summary>All attributes with their values, sorted, as bytes that can be compared.</summary>
    private static byte[] Attributes(int fd)
    {
        byte[] names = new byte[64 << 10];
        nint length = Sys.flistxattr(fd, names);
        if (Sys.Is(length, Errno.EOPNOTSUPP))
            return [];
        LinuxException.ThrowIfError(length, "list attributes");
        List<byte[]> all = [];
        byte[] value = new byte[64 << 10];
        for (Span<byte> rest = names.AsSpan(0, (int)length); !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)0);
            byte[] name = rest[..end].ToArray();
            rest = rest[(end + 1)..];
            nint size = Sys.fgetxattr(fd, name, value);
            LinuxException.ThrowIfError(size, "read attribute", ByteText.Show(name));
            all.Add([.. name, (byte)'=', .. Encoding.ASCII.GetBytes($"{size}:"), .. value.AsSpan(0, (int)size)]);
        }
        all.Sort(s_order);
        return [.. all.SelectMany(one => one)];
    }

    private bool SameContent(int left, int right)
    {
        for (long at = 0; ;)
        {
            cancel.ThrowIfCancellationRequested();
            int got = FileIo.ReadAt(left, _left, at), other = FileIo.ReadAt(right, _right, at);
            if (got != other || !_left.AsSpan(0, got).SequenceEqual(_right.AsSpan(0, got)))
                return false;
            if (got == 0)
                return true;
            at += got;
        }
    }

    private static statx_t Stat(int folder, byte[] name)
    {
        LinuxException.ThrowIfError(Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW | (name.Length == 0 ? AT.EMPTY_PATH : 0), STATX.BASIC_STATS, out statx_t stat), "stat", ByteText.Show(name));
        return stat;
    }

    private static byte[] ReadLink(int folder, byte[] name)
    {
        byte[] target = new byte[4096];
        int length = Sys.readlinkat(folder, name, target);
        LinuxException.ThrowIfError(length, "read link", ByteText.Show(name));
        return target[..length];
    }

    private static OwnedFd Open(int root, byte[] path) =>
        OwnedFd.FromAnswer(Sys.openat2(root, path.Length == 0 ? "."u8.ToArray() : path, (ulong)(O.RDONLY | O.DIRECTORY), RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS), "open folder", ByteText.Show(path));

    private static OwnedFd OpenEntry(int folder, byte[] name) =>
        OwnedFd.FromAnswer(Sys.openat(folder, name.Length == 0 ? "."u8.ToArray() : name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.NOATIME), "open", ByteText.Show(name));

    private static List<byte[]> Names(int folder)
    {
        List<byte[]> names = [.. FolderReader.ReadAll(folder, "layer").Select(item => item.Name)];
        names.Sort(s_order);
        return names;
    }

    private static byte[]? FirstMissing(List<byte[]> wanted, List<byte[]> present) => wanted.Find(name => present.BinarySearch(name, s_order) < 0);

    private static string Show(byte[] path, byte[] name) => ByteText.Show([.. path, .. path.Length == 0 ? [] : "/"u8.ToArray(), .. name]);
}
