using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Snapshots;

/// <summary>
/// Moves a tree into another one of the same file system, name by name: a folder that meets a folder is merged with it, anything else
/// replaces what has its name. Each name changes at once, by rename(2).
/// </summary>
/// <remarks>
/// The target may belong to a container that runs, and means harm: it is reached by fds beneath its root and through no symbolic link, and
/// nothing in it is ever changed by name. What is moved is ours. Interrupted, it goes on where it was.
/// </remarks>
public static class TreeMerge
{
    private const int MaxAttempts = 32; // somebody who puts a folder back each time we remove it would keep us for ever
    private const ulong Plain = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS;

    /// <summary>Moves everything; the emptied folders stay, for the caller to remove.</summary>
    /// <param name="from">An fd of the tree's root, not <c>O_PATH</c>.</param>
    /// <param name="to">An fd of the target's root, not <c>O_PATH</c>; it gets owner, mode, attributes and times of the tree's.</param>
    /// <exception cref="LinuxException">The kernel refused; <c>ENOENT</c>, <c>ELOOP</c> or <c>EBUSY</c> where somebody changes the target meanwhile.</exception>
    public static void Move(int from, int to)
    {
        var folders = new Stack<byte[]>([[]]);
        List<Merged> merged = [];
        while (folders.TryPop(out byte[]? path))
        {
            using OwnedFd source = OpenFolder(from, path), target = OpenFolder(to, path);
            merged.Add(new Merged(path, CopiedRoot.Stat(source.Value, []))); // before anything is taken out, which changes its times
            foreach (FolderReader.Item item in FolderReader.ReadAll(source.Value, ByteText.Show(path)))
            {
                if (!TryMove(source.Value, target.Value, item.Name))
                    folders.Push(CopiedRoot.Join(path, item.Name));
            }
        }
        // The lowest last: what is put into a folder changes its times.
        for (int i = merged.Count - 1; i >= 0; i--)
        {
            using OwnedFd source = OpenFolder(from, merged[i].Path), target = OpenFolder(to, merged[i].Path);
            CopiedRoot.Finish(source.Value, target.Value, merged[i].Stat);
        }
    }

    private sealed record Merged(byte[] Path, statx_t Stat);

    /// <summary>False where a folder meets a folder.</summary>
    private static bool TryMove(int from, int to, byte[] name)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            int answer = Sys.renameat2(from, name, to, name, RENAME.NOREPLACE);
            if (!Sys.Is(answer, Errno.EEXIST))
            {
                LinuxException.ThrowIfError(answer, "move", ByteText.Show(name));
                return true;
            }
            bool isFolder = IsFolder(from, name);
            if (isFolder && IsFolder(to, name))
                return false;
            // rename(2) replaces a file by a file at once; where a folder is on one side, the old one has to go first.
            answer = isFolder ? -(int)Errno.EISDIR : Sys.renameat2(from, name, to, name, 0);
            if (answer >= 0)
                return true;
            if (!Sys.Is(answer, Errno.EISDIR))
                LinuxException.ThrowIfError(answer, "move", ByteText.Show(name));
            TreeRemover.Remove(to, name);
        }
        throw new LinuxException(Errno.EBUSY, "move", ByteText.Show(name));
    }

    private static bool IsFolder(int folder, byte[] name)
    {
        int answer = Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat);
        return answer >= 0 && (stat.stx_mode & S.IFMT) == S.IFDIR;
    }

    private static OwnedFd OpenFolder(int root, byte[] path) =>
        OwnedFd.FromAnswer(Sys.openat2(root, path.Length == 0 ? "."u8.ToArray() : path, (ulong)(O.RDONLY | O.DIRECTORY | O.NOFOLLOW), Plain), "open folder", ByteText.Show(path));
}
