using System.Text;
using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

/// <summary>
/// A file of a tree, held by an <c>O_PATH</c> fd: whatever happens to its name, all that is asked of it is told by one and the same
/// inode, and nothing is opened that could do something on being opened.
/// </summary>
internal sealed class TreeNode : IDisposable
{
    private readonly OwnedFd _fd;

    /// <summary>Looks at what the fd holds.</summary>
    /// <param name="fd">An <c>O_PATH</c> fd; becomes the node's.</param>
    /// <param name="path">Its path from the tree's root, without a slash at either end; empty for the root.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public TreeNode(OwnedFd fd, byte[] path)
    {
        _fd = fd;
        Path = path;
        LinuxException.ThrowIfError(Sys.statx(fd.Value, "", AT.EMPTY_PATH, STATX.BASIC_STATS | STATX.MNT_ID, out statx_t stat), "stat", ByteText.Show(path));
        Stat = stat;
    }

    /// <summary>Its path from the tree's root; empty for the root.</summary>
    public byte[] Path { get; }

    /// <summary>What it was when it was opened.</summary>
    public statx_t Stat { get; }

    /// <summary>The <c>O_PATH</c> fd.</summary>
    public int Fd => _fd.Value;

    /// <summary>The last component.</summary>
    public ReadOnlySpan<byte> Name => Path.AsSpan(Path.AsSpan().LastIndexOf((byte)'/') + 1);

    /// <summary>Its type, as <see cref="S"/> has it.</summary>
    public uint Type => Stat.stx_mode & S.IFMT;

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Type == S.IFDIR;

    /// <summary>Whether it hides what lower layers have under its name.</summary>
    public bool IsWhiteout => Type == S.IFCHR && Stat is { stx_rdev_major: 0, stx_rdev_minor: 0 };

    /// <summary>When it was last changed.</summary>
    public TarTime Mtime => new(Stat.stx_mtime.tv_sec, (int)Stat.stx_mtime.tv_nsec);

    /// <summary>The path that leads to the inode, whatever its name leads to by now.</summary>
    private string Link => $"/proc/self/fd/{_fd.Value}";

    /// <summary>Opens a regular file for reading, or a folder for listing.</summary>
    /// <exception cref="LinuxException">The kernel refused; <c>EAGAIN</c>: a process holds a lease on it.</exception>
    public OwnedFd Open() => IsFolder
        ? OwnedFd.FromAnswer(Sys.openat(_fd.Value, ".", O.RDONLY | O.DIRECTORY), "open folder", ByteText.Show(Path))
        : OwnedFd.FromAnswer(Sys.openat(Sys.AT_FDCWD, Link, O.RDONLY | O.NONBLOCK), "open", ByteText.Show(Path));

    /// <summary>Where a symbolic link points.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public byte[] ReadLink()
    {
        byte[] target = new byte[TarReader.MaxNameBytes + 1];
        int length = LinuxException.ThrowIfError(Sys.readlinkat(_fd.Value, "", target), "read link", ByteText.Show(Path));
        return target.AsSpan(0, length).ToArray();
    }

    /// <summary>Whether a folder of an upper layer hides all of its lower namesakes.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool IsOpaque => IsFolder && TryXattr(OverlayForm.OpaqueXattr) is { } value && value.AsSpan().SequenceEqual(OverlayForm.OpaqueValue);

    /// <summary>The value of an attribute; null where it has none of that name.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public byte[]? TryXattr(string name) => ReadXattr(Encoding.UTF8.GetBytes(name));

    /// <summary>The attributes that a layer may hold, sorted by name.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public List<TarXattr> ReadXattrs()
    {
        List<TarXattr> xattrs = [];
        ReadOnlySpan<byte> names = ListXattrs();
        while (!names.IsEmpty)
        {
            int end = names.IndexOf((byte)0);
            ReadOnlySpan<byte> name = names[..end];
            names = names[(end + 1)..];
            if (OverlayForm.Accepts(name) && ReadXattr(name) is { } value)
                xattrs.Add(new TarXattr(name.ToArray(), value));
        }
        xattrs.Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        return xattrs;
    }

    /// <summary>Whether it has attributes that overlayfs reads, other than the one that makes a folder opaque.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool HasOverlayXattrs
    {
        get
        {
            ReadOnlySpan<byte> names = ListXattrs();
            while (!names.IsEmpty)
            {
                int end = names.IndexOf((byte)0);
                ReadOnlySpan<byte> name = names[..end];
                names = names[(end + 1)..];
                bool isOverlays = name.StartsWith("trusted.overlay."u8) || name.StartsWith("user.overlay."u8);
                if (isOverlays && !(IsFolder && name.SequenceEqual("trusted.overlay.opaque"u8)))
                    return true;
            }
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();

    private byte[] ListXattrs()
    {
        byte[] buffer = new byte[256];
        while (true)
        {
            nint length = Sys.listxattr(Link, buffer);
            if (Sys.Is(length, Errno.EOPNOTSUPP))
                return [];
            if (Sys.Is(length, Errno.ERANGE) && buffer.Length < MaxXattrBytes)
            {
                buffer = new byte[buffer.Length * 4];
                continue;
            }
            LinuxException.ThrowIfError(length, "list attributes of", ByteText.Show(Path));
            return buffer.AsSpan(0, (int)length).ToArray();
        }
    }

    private byte[]? ReadXattr(ReadOnlySpan<byte> name)
    {
        byte[] buffer = new byte[256];
        while (true)
        {
            nint length = Sys.getxattr(Link, name, buffer);
            if (Sys.Is(length, Errno.ENODATA) || Sys.Is(length, Errno.EOPNOTSUPP))
                return null;
            if (Sys.Is(length, Errno.ERANGE) && buffer.Length < MaxXattrBytes)
            {
                buffer = new byte[buffer.Length * 4];
                continue;
            }
            LinuxException.ThrowIfError(length, $"read attribute '{ByteText.Show(name)}' of", ByteText.Show(Path));
            return buffer.AsSpan(0, (int)length).ToArray();
        }
    }

    /// <summary>The kernel's bound on a value and on a list of names (XATTR_SIZE_MAX, XATTR_LIST_MAX).</summary>
    private const int MaxXattrBytes = 64 << 10;
}
