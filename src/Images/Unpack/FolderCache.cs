using System.Text;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

/// <summary>
/// Opens the folders that entries lie in, beneath the layer's root, and keeps the last one open: archives list a folder's entries one
/// after the other. Symbolic links on the way are followed as a process with that root would see them; they never lead out of it.
/// </summary>
internal sealed class FolderCache(int root) : IDisposable
{
    private const ulong InRoot = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS | RESOLVE.NO_XDEV;
    private const int FolderFlags = O.PATH | O.DIRECTORY;

    private const int MaxImpliedBytes = 1 << 20;

    private readonly HashSet<string> _implied = [];
    private long _impliedBytes;
    private byte[]? _path;
    private OwnedFd? _folder;

    /// <summary>
    /// Folders that were made because something lies in them, and not listed (yet): paths of which each character is a byte. An archive
    /// that has very many of them does not get all remembered.
    /// </summary>
    public IReadOnlyCollection<string> Implied => _implied;

    /// <summary>The archive lists a folder, and says what it is like.</summary>
    public void List(ReadOnlySpan<byte> path)
    {
        if (_implied.Count > 0)
            _implied.Remove(Encoding.Latin1.GetString(path));
    }

    /// <summary>An <c>O_PATH</c> fd of the folder, valid until the next call. Folders that the layer does not list are made, mode 0755.</summary>
    /// <exception cref="LinuxException"><c>ENOTDIR</c>: something on the way is not a folder; <c>ENOENT</c>: a link on the way leads nowhere.</exception>
    public int Open(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
            return root;
        if (_path is not null && path.SequenceEqual(_path))
            return _folder!.Value;
        Forget();
        byte[] copy = path.ToArray();
        int answer = OpenInRoot(copy);
        bool isMissing = Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR); // the latter perhaps at a whiteout
        OwnedFd folder = isMissing ? Make(copy) : OwnedFd.FromAnswer(answer, "open folder");
        (_path, _folder) = (copy, folder);
        return folder.Value;
    }

    /// <summary>Drops what is kept open: something that may lie on a path was removed.</summary>
    public void Forget()
    {
        _folder?.Dispose();
        (_path, _folder) = (null, null);
    }

    /// <summary>An <c>O_PATH</c> fd of a folder that must exist, or a negated errno.</summary>
    public int OpenInRoot(byte[] path, int flags = 0)
    {
        while (true)
        {
            int answer = Sys.openat2(root, path, (ulong)(FolderFlags | flags), InRoot);
            // The kernel could not rule out a race of a '..' in a link with some rename or mount on the machine; see openat2(2).
            if (!Sys.Is(answer, Errno.EAGAIN))
                return answer;
        }
    }

    public void Dispose() => Forget();

    /// <summary>Walks down component by component and makes what is missing.</summary>
    private OwnedFd Make(byte[] path)
    {
        OwnedFd? folder = null;
        try
        {
            for (int end = 0; end < path.Length;)
            {
                int start = end == 0 ? 0 : end + 1;
                int length = path.AsSpan(start).IndexOf((byte)'/');
                end = length < 0 ? path.Length : start + length;
                OwnedFd next = Step(folder?.Value ?? root, path[start..end], path.AsSpan(0, end));
                folder?.Dispose();
                folder = next;
            }
            return folder!;
        }
        catch (LinuxException)
        {
            folder?.Dispose();
            throw;
        }
    }

    private OwnedFd Step(int folder, byte[] name, ReadOnlySpan<byte> path)
    {
        int answer = OpenPlain(folder, name);
        // What a whiteout hides is gone, and what lies here is the layer's own: the folder is a new one.
        bool isHidden = Sys.Is(answer, Errno.ENOTDIR) && OverlayForm.IsWhiteout(folder, name);
        if (isHidden)
            LinuxException.ThrowIfError(Sys.unlinkat(folder, name, 0), "replace whiteout");
        if (isHidden || Sys.Is(answer, Errno.ENOENT))
        {
            LinuxException.ThrowIfError(Sys.mkdirat(folder, name, FileModes.PublicFolder), "make folder");
            LinuxException.ThrowIfError(Sys.fchmodat(folder, name, FileModes.PublicFolder), "change mode of folder"); // whatever our umask is
            Imply(path);
            answer = OpenPlain(folder, name);
            if (isHidden && answer >= 0)
                OverlayForm.MarkOpaque(answer);
        }
        else if (Sys.Is(answer, Errno.ELOOP))
        {
            answer = OpenInRoot(path.ToArray());
        }
        return OwnedFd.FromAnswer(answer, "open folder");
    }

    private void Imply(ReadOnlySpan<byte> path)
    {
        _impliedBytes += path.Length;
        if (_impliedBytes <= MaxImpliedBytes)
            _implied.Add(Encoding.Latin1.GetString(path));
    }

    private static int OpenPlain(int folder, byte[] name) =>
        Sys.openat2(folder, name, FolderFlags, RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV);
}
