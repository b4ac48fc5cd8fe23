using Rundlet.Images.Files;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Snapshots;

/// <summary>
/// A root file system as a copy of its layers, for kernels without overlayfs: each layer is laid over those below, whiteouts taken at their
/// word. Content is shared with the layers where the file system can (copy_file_range(2) clones there), else copied.
/// </summary>
/// <remarks>
/// Layers are hostile in what they hold, not in what they do: nobody changes them. All paths are resolved beneath the two roots and never
/// through a symbolic link, since what one layer has as a folder an upper one may have as a link.
/// </remarks>
public sealed class CopiedRoot
{
    private const int MaxLinkBytes = 4096; // PATH_MAX
    private const int BufferBytes = 128 << 10;
    private const ulong Plain = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS;

    private readonly int _from;
    private readonly int _to;
    private readonly CancellationToken _cancel;
    private readonly Dictionary<(uint, uint, ulong), byte[]> _linked = [];
    private readonly Stack<byte[]> _folders = new();
    private readonly List<byte[]> _made = [];
    private readonly byte[] _target = new byte[MaxLinkBytes];
    private byte[]? _buffer;

    private CopiedRoot(int from, int to, CancellationToken cancel)
    {
        _from = from;
        _to = to;
        _cancel = cancel;
    }

    /// <summary>Lays one layer over what is there.</summary>
    /// <param name="layer">An fd of the layer's files, in overlayfs form.</param>
    /// <param name="root">An fd, not <c>O_PATH</c>, of the root file system; the lowest layer goes into an empty one.</param>
    /// <param name="cancel">Ends it; what was copied stays for the caller to remove.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unavailable"/>: the disk is full.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Apply(int layer, int root, CancellationToken cancel = default)
    {
        using OwnedFd from = FileIo.Open(layer, ".", O.RDONLY | O.DIRECTORY);
        LayerAttributes.Remove(root);
        var copy = new CopiedRoot(from.Value, root, cancel);
        try
        {
            copy.Run();
        }
        catch (LinuxException error) when (error.IsDiskFull)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, "copy layer", error) { Hint = "free some space where containers are kept, then try again" };
        }
    }

    private void Run()
    {
        _folders.Push([]);
        while (_folders.TryPop(out byte[]? path))
        {
            _cancel.ThrowIfCancellationRequested();
            _made.Add(path);
            using OwnedFd from = OpenFolder(_from, path), to = OpenFolder(_to, path);
            foreach (FolderReader.Item item in FolderReader.ReadAll(from.Value, "layer"))
                Copy(from.Value, to.Value, item.Name, path);
        }
        // The lowest last: what is made in a folder changes its time.
        for (int i = _made.Count - 1; i >= 0; i--)
        {
            using OwnedFd from = OpenFolder(_from, _made[i]), to = OpenFolder(_to, _made[i]);
            Finish(from.Value, to.Value, Stat(from.Value, []));
        }
    }

    private void Copy(int from, int to, byte[] name, byte[] folder)
    {
        statx_t stat = Stat(from, name);
        uint kind = (uint)stat.stx_mode & S.IFMT;
        if (kind == S.IFDIR)
        {
            MakeFolder(from, to, name);
            _folders.Push(Join(folder, name));
            return;
        }
        TreeRemover.Remove(to, name);
        if (kind == S.IFCHR && stat is { stx_rdev_major: 0, stx_rdev_minor: 0 })
            return; // a whiteout: it was to go, and has gone
        if (stat.stx_nlink > 1 && LinkTo(stat, to, name, Join(folder, name)))
            return;
        if (kind == S.IFREG)
            CopyFile(from, to, name, stat);
        else
            CopyNode(from, to, name, stat, kind);
    }

    private void MakeFolder(int from, int to, byte[] name)
    {
        using OwnedFd source = OpenFolder(from, name);
        int found = Sys.statx(to, name, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat);
        bool isFolder = !Sys.Is(found, Errno.ENOENT) && (stat.stx_mode & S.IFMT) == S.IFDIR;
        if (isFolder && !LayerAttributes.IsOpaque(source.Value))
        {
            // What the lower layer said about it is over: no default access list may go over to what this layer puts in.
            using OwnedFd lower = OpenFolder(to, name);
            LayerAttributes.Remove(lower.Value);
            return;
        }
        TreeRemover.Remove(to, name);
        LinuxException.ThrowIfError(Sys.mkdirat(to, name, FileModes.PrivateFolder), "make folder", ByteText.Show(name));
    }

    /// <summary>False for the first of the names of a file.</summary>
    private bool LinkTo(in statx_t stat, int to, byte[] name, byte[] path)
    {
        if (_linked.TryAdd((stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino), path))
            return false;
        byte[] first = _linked[(stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino)];
        int slash = first.AsSpan().LastIndexOf((byte)'/');
        using OwnedFd folder = OpenFolder(_to, first[..Math.Max(0, slash)]);
        LinuxException.ThrowIfError(Sys.linkat(folder.Value, first[(slash + 1)..], to, name, 0), "link", ByteText.Show(path));
        return true;
    }

    private void CopyFile(int from, int to, byte[] name, in statx_t stat)
    {
        using OwnedFd source = OwnedFd.FromAnswer(Sys.openat2(from, name, (ulong)(O.RDONLY | O.NOFOLLOW), Plain), "open", ByteText.Show(name));
        using OwnedFd target = OwnedFd.FromAnswer(Sys.openat(to, name, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, FileModes.PrivateFile), "create", ByteText.Show(name));
        CopyContent(source.Value, target.Value, (long)stat.stx_size);
        Finish(source.Value, target.Value, stat);
    }

    /// <summary>Piece by piece, from data to data: a hole stays a hole.</summary>
    private void CopyContent(int from, int to, long size)
    {
        const int Data = 3, Hole = 4; // SEEK_DATA, SEEK_HOLE
        const int Piece = 64 << 20;
        for (long at = 0; at < size;)
        {
            long begin = Sys.lseek(from, at, Data);
            if (Sys.Is((nint)begin, Errno.ENXIO))
                break; // only a hole is left
            LinuxException.ThrowIfError((nint)begin, "seek");
            long end = LinuxException.ThrowIfError((nint)Sys.lseek(from, begin, Hole), "seek");
            LinuxException.ThrowIfError((nint)Sys.lseek(from, begin, 0), "seek");
            LinuxException.ThrowIfError((nint)Sys.lseek(to, begin, 0), "seek");
            for (long left = end - begin; left > 0;)
            {
                _cancel.ThrowIfCancellationRequested();
                nint done = CopyPiece(from, to, (nint)Math.Min(left, Piece));
                if (done == 0)
                    break;
                left -= done;
            }
            at = end;
        }
        LinuxException.ThrowIfError(Sys.ftruncate(to, size), "set length");
    }

    /// <summary>From one kind of file system to another the kernel does not copy by itself.</summary>
    private nint CopyPiece(int from, int to, nint length)
    {
        nint done = Sys.copy_file_range(from, to, length);
        if (!Sys.Is(done, Errno.EXDEV) && !Sys.Is(done, Errno.EOPNOTSUPP))
            return LinuxException.ThrowIfError(done, "copy");
        _buffer ??= GC.AllocateUninitializedArray<byte>(BufferBytes);
        nint got;
        do
            got = Sys.read(from, _buffer.AsSpan(0, (int)Math.Min(length, BufferBytes)));
        while (Sys.Is(got, Errno.EINTR));
        LinuxException.ThrowIfError(got, "read");
        FileIo.WriteAll(to, _buffer.AsSpan(0, (int)got), "");
        return got;
    }

    private void CopyNode(int from, int to, byte[] name, in statx_t stat, uint kind)
    {
        if (kind == S.IFLNK)
        {
            int length = Sys.readlinkat(from, name, _target);
            LinuxException.ThrowIfError(length, "read link", ByteText.Show(name));
            LinuxException.ThrowIfError(Sys.symlinkat(_target[..length], to, name), "make link", ByteText.Show(name));
        }
        else
        {
            ulong device = DeviceNumber.Of(stat.stx_rdev_major, stat.stx_rdev_minor);
            LinuxException.ThrowIfError(Sys.mknodat(to, name, kind | FileModes.PrivateFile, device), "make", ByteText.Show(name));
        }
        LinuxException.ThrowIfError(Sys.fchownat(to, name, stat.stx_uid, stat.stx_gid, AT.SYMLINK_NOFOLLOW), "change owner", ByteText.Show(name));
        if (kind != S.IFLNK)
            LinuxException.ThrowIfError(Sys.fchmodat(to, name, stat.stx_mode & 0xfffu), "change mode", ByteText.Show(name)); // just made, not a link
        timespec time = Time(stat);
        LinuxException.ThrowIfError(Sys.utimensat(to, name, time, time, AT.SYMLINK_NOFOLLOW), "set times", ByteText.Show(name));
    }

    /// <summary>Owner, mode, attributes, times, in the order in which they do not undo each other.</summary>
    internal static void Finish(int from, int to, in statx_t stat)
    {
        LinuxException.ThrowIfError(Sys.fchownat(to, "", stat.stx_uid, stat.stx_gid, AT.EMPTY_PATH), "change owner");
        LinuxException.ThrowIfError(Sys.fchmod(to, stat.stx_mode & 0xfffu), "change mode");
        LayerAttributes.Copy(from, to);
        timespec time = Time(stat);
        LinuxException.ThrowIfError(Sys.utimensat(to, "", time, time, AT.EMPTY_PATH), "set times");
    }

    internal static statx_t Stat(int folder, byte[] name)
    {
        int flags = AT.SYMLINK_NOFOLLOW | (name.Length == 0 ? AT.EMPTY_PATH : 0);
        LinuxException.ThrowIfError(Sys.statx(folder, name, flags, STATX.BASIC_STATS, out statx_t stat), "stat", ByteText.Show(name));
        return stat;
    }

    private static OwnedFd OpenFolder(int root, byte[] path) =>
        OwnedFd.FromAnswer(Sys.openat2(root, path.Length == 0 ? "."u8.ToArray() : path, (ulong)(O.RDONLY | O.DIRECTORY), Plain), "open folder", ByteText.Show(path));

    internal static byte[] Join(byte[] folder, byte[] name) => folder.Length == 0 ? name : [.. folder, (byte)'/', .. name];

    private static timespec Time(in statx_t stat) => new() { tv_sec = stat.stx_mtime.tv_sec, tv_nsec = stat.stx_mtime.tv_nsec };
}
