using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

/// <summary>
/// Folders that a layer has only because something lies in them. On a stack of layers they would be those of the layers below, and unpacking
/// would not touch them; unpacked alone they are new, and overlayfs would show them in place of the lower ones. So they get owner, mode,
/// attributes and time of the topmost lower folder that the stack shows under their path. One that no layer has stays root's, 0755.
/// </summary>
internal static class ImpliedFolders
{
    private const ulong Plain = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS;

    /// <summary>Sets them right.</summary>
    /// <param name="root">An fd of the layer's files.</param>
    /// <param name="paths">The folders; of each path a character is a byte.</param>
    /// <param name="below">Fds of the files of the layers below, the topmost first, which are right themselves.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Settle(int root, IReadOnlyCollection<string> paths, IReadOnlyList<int> below)
    {
        // The deepest first: what is set in a folder does not change its time, but the order costs nothing.
        foreach (byte[] path in paths.OrderByDescending(path => path.Length).Select(Encoding.Latin1.GetBytes))
        {
            int answer = Open(root, path);
            if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP))
                continue; // a later entry put something else there
            using OwnedFd folder = OwnedFd.FromAnswer(answer, "open folder", ByteText.Show(path));
            if (LayerAttributes.IsOpaque(folder.Value))
                continue; // it hides what lies below
            foreach (int lower in below)
            {
                if (TryTake(folder.Value, lower, path) is false)
                    continue;
                break;
            }
        }
    }

    /// <summary>False when this layer says nothing about the folder, and the next one is to be asked.</summary>
    private static bool TryTake(int folder, int lower, byte[] path)
    {
        int answer = Open(lower, path);
        if (answer >= 0)
        {
            using var found = new OwnedFd(answer);
            Copy(found.Value, folder);
            return true;
        }
        if (Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP))
            return true; // something else stands there, or a whiteout: what lies below is hidden
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "open folder", ByteText.Show(path));
        return IsHidden(lower, path);
    }

    /// <summary>Whether a folder on the way hides the layers below.</summary>
    private static bool IsHidden(int lower, byte[] path)
    {
        for (int end = path.AsSpan().LastIndexOf((byte)'/'); end > 0; end = path.AsSpan(0, end).LastIndexOf((byte)'/'))
        {
            int answer = Open(lower, path[..end]);
            if (answer < 0)
                continue;
            using var parent = new OwnedFd(answer);
            return LayerAttributes.IsOpaque(parent.Value);
        }
        return false;
    }

    private static void Copy(int from, int to)
    {
        LinuxException.ThrowIfError(Sys.statx(from, "", AT.EMPTY_PATH, STATX.BASIC_STATS, out statx_t stat), "stat folder");
        LinuxException.ThrowIfError(Sys.fchownat(to, "", stat.stx_uid, stat.stx_gid, AT.EMPTY_PATH), "change owner of folder");
        LinuxException.ThrowIfError(Sys.fchmod(to, stat.stx_mode & 0xfffu), "change mode of folder");
        LayerAttributes.Copy(from, to);
        timespec time = new() { tv_sec = stat.stx_mtime.tv_sec, tv_nsec = stat.stx_mtime.tv_nsec };
        LinuxException.ThrowIfError(Sys.utimensat(to, "", time, time, AT.EMPTY_PATH), "set times of folder");
    }

    private static int Open(int root, byte[] path) => Sys.openat2(root, path.Length == 0 ? "."u8.ToArray() : path, (ulong)(O.RDONLY | O.DIRECTORY), Plain);
}
