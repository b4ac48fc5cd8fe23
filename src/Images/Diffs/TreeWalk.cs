using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

/// <summary>
/// Goes through a tree, each folder before what is in it, names sorted by their bytes: the same tree gives the same order on any file
/// system. It never leaves the tree, follows no link and enters no mount unless told so, whoever changes the tree meanwhile; what vanishes before it
/// is reached is left out. Folders may lie as deep as they like: only the fds of the last few levels are kept.
/// </summary>
internal sealed class TreeWalk : IDisposable
{
    private const int MaxOpen = 32;
    private readonly int _root;
    private readonly ulong _beneath;
    private readonly Func<TreeNode, bool>? _mayEnter;
    private readonly Stack<Frame> _frames = [];
    private TreeNode? _current;

    /// <summary>Begins.</summary>
    /// <param name="root">An fd of the tree's root; stays the caller's.</param>
    /// <param name="mayEnter">Whether to go into a folder, which may be on another mount; null stays on the root's mount.</param>
    public TreeWalk(int root, Func<TreeNode, bool>? mayEnter = null)
    {
        _root = root;
        _mayEnter = mayEnter;
        _beneath = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | (mayEnter is null ? RESOLVE.NO_XDEV : 0);
    }

    /// <summary>The next file, the root first; null at the end. Valid until the next call.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unsupported"/>: a path is too long for any archive.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public TreeNode? Next()
    {
        if (_current is null && _frames.Count == 0)
            return _current = new TreeNode(OwnedFd.FromAnswer(Sys.openat(_root, ".", O.PATH | O.DIRECTORY), "open root"), []);
        if (_current is { IsFolder: true } folder && (_mayEnter is null || _mayEnter(folder)))
            Enter(folder);
        _current?.Dispose();
        while (_frames.TryPeek(out Frame? frame))
        {
            if (frame.Next < frame.Names.Count && Open(frame, frame.Names[frame.Next++]) is { } node)
                return _current = node;
            if (frame.Next >= frame.Names.Count)
                _frames.Pop().Folder?.Dispose();
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _current?.Dispose();
        foreach (Frame frame in _frames)
            frame.Folder?.Dispose();
    }

    /// <summary>Reads the names in a folder and keeps it open.</summary>
    private void Enter(TreeNode folder)
    {
        OwnedFd fd = folder.Open();
        List<byte[]> names;
        try
        {
            names = [.. FolderReader.ReadAll(fd.Value, ByteText.Show(folder.Path)).Select(item => item.Name)];
        }
        catch (LinuxException)
        {
            fd.Dispose();
            throw;
        }
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        _frames.Push(new Frame(folder.Path, names) { Folder = fd });
        if (_frames.Count > MaxOpen)
            Park(_frames.ElementAt(MaxOpen));
    }

    private static void Park(Frame frame)
    {
        frame.Folder?.Dispose();
        frame.Folder = null;
    }

    /// <summary>Null when it is gone.</summary>
    private TreeNode? Open(Frame frame, byte[] name)
    {
        byte[] path = frame.Path.Length == 0 ? name : [.. frame.Path, (byte)'/', .. name];
        if (path.Length >= TarReader.MaxNameBytes)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"path '{ByteText.Show(path)}' is longer than {TarReader.MaxNameBytes - 1} bytes");
        if (frame.Folder is null)
        {
            int reopened = Retry(_root, frame.Path.Length == 0 ? "."u8.ToArray() : frame.Path, O.RDONLY | O.DIRECTORY);
            if (IsGone(reopened))
            {
                frame.Next = frame.Names.Count; // renamed or removed, with all that is in it
                return null;
            }
            frame.Folder = OwnedFd.FromAnswer(reopened, "open folder", ByteText.Show(frame.Path));
        }
        int answer = Retry(frame.Folder.Value, name, O.PATH | O.NOFOLLOW);
        return IsGone(answer) ? null : new TreeNode(OwnedFd.FromAnswer(answer, "open", ByteText.Show(path)), path);
    }

    private int Retry(int folder, byte[] path, int flags)
    {
        while (true)
        {
            int answer = Sys.openat2(folder, path, (ulong)flags, _beneath);
            if (!Sys.Is(answer, Errno.EAGAIN)) // a race with some rename on the machine could not be ruled out
                return answer;
        }
    }

    private static bool IsGone(int answer) => Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP);

    /// <summary>A folder that is being listed.</summary>
    private sealed class Frame(byte[] path, List<byte[]> names)
    {
        public byte[] Path => path;

        public List<byte[]> Names => names;

        public int Next { get; set; }

        public OwnedFd? Folder { get; set; }
    }
}
