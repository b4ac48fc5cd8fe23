using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Snapshots;

/// <summary>How much a container has written.</summary>
public static class WritableSize
{
    private const string UpperName = "upper";

    /// <summary>Bytes of the files in a container's upper folder; a file with several names counts once. What goes away meanwhile counts or not.</summary>
    /// <param name="container">Absolute path of the container's folder.</param>
    /// <returns>0 when there is no such folder.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static long Of(string container) => OfFolder($"{container}/{UpperName}");

    /// <summary>Bytes of the files in a folder, without what is mounted in it; counted as above.</summary>
    /// <inheritdoc cref="Of" path="/returns|/exception"/>
    public static long OfFolder(string folderPath)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, folderPath, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return 0;
        using OwnedFd root = OwnedFd.FromAnswer(answer, "open", folderPath);
        // Folders that are still to do, as paths from the root; depth costs neither stack nor fds.
        var folders = new Stack<byte[]>(["."u8.ToArray()]);
        HashSet<ulong> seen = [];
        byte[] buffer = new byte[16 << 10];
        long bytes = 0;
        while (folders.TryPop(out byte[]? path))
        {
            answer = Sys.openat2(root.Value, path, (ulong)(O.RDONLY | O.DIRECTORY | O.NOFOLLOW), RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV);
            if (IsGone(answer))
                continue;
            using OwnedFd folder = OwnedFd.FromAnswer(answer, "open folder", ByteText.Show(path));
            while (FolderReader.ReadSome(folder.Value, buffer, ByteText.Show(path)) is { Count: > 0 } items)
            {
                foreach (FolderReader.Item item in items)
                {
                    bool isFolder = item.Type == FolderReader.TypeFolder;
                    if (!isFolder)
                        bytes += SizeOf(folder.Value, item.Name, seen, out isFolder);
                    if (isFolder)
                        folders.Push([.. path, (byte)'/', .. item.Name]);
                }
            }
        }
        return bytes;
    }

    // Not every file system tells a folder while it is listed.
    private static long SizeOf(int folder, byte[] name, HashSet<ulong> seen, out bool isFolder)
    {
        int answer = Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t stat);
        isFolder = answer >= 0 && (stat.stx_mode & S.IFMT) == S.IFDIR;
        if (IsGone(answer))
            return 0;
        LinuxException.ThrowIfError(answer, "stat", ByteText.Show(name));
        bool counts = (stat.stx_mode & S.IFMT) == S.IFREG && (stat.stx_nlink == 1 || seen.Add(stat.stx_ino));
        return counts ? (long)stat.stx_size : 0;
    }

    private static bool IsGone(int answer) => Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP) || Sys.Is(answer, Errno.EXDEV);
}
