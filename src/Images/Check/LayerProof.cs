using System.Buffers.Binary;
using System.Security.Cryptography;
using Rundlet.Images.Diffs;
using Rundlet.Images.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Check;

/// <summary>
/// Holds an archive, as it goes by, against the folder that was unpacked from it: no space is needed, and each byte is read once.
/// <code>
/// each entry ─► named once? ─► what lies there is just that ─┐
///                                                            ├─► proved
/// each file  ─► an entry named it, or lies in it ────────────┘
/// </code>
/// It proves that both are alike, or nothing. Whatever is unusual leaves it open, as every difference does: an entry twice, a way through a
/// link, a whiteout of what the layer itself holds. Then a second copy must be unpacked, and <see cref="TreeComparison"/> tells.
/// </summary>
internal sealed class LayerProof
{
    private const int MaxPaths = 1_000_000;
    private const ulong Plain = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV;

    private readonly TarReader _reader;
    private readonly int _root;
    private readonly CancellationToken _cancel;
    private readonly HashSet<UInt128> _listed = [], _implied = [], _opaque = [];
    private readonly byte[] _piece = new byte[256 << 10];
    private bool _rootListed;

    private LayerProof(Stream tar, int root, CancellationToken cancel)
    {
        _reader = new TarReader(tar);
        _root = root;
        _cancel = cancel;
    }

    /// <summary>True when they are alike, and the archive was read to its end; false when that is open.</summary>
    /// <param name="tar">The unpacked archive.</param>
    /// <param name="root">An fd of the folder, which nobody changes.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ContainerException">The archive is damaged.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool Try(Stream tar, int root, CancellationToken cancel)
    {
        var proof = new LayerProof(tar, root, cancel);
        return proof.EntriesHold() && proof.NothingElseIsThere();
    }

    private bool EntriesHold()
    {
        while (_reader.Next() is { } entry)
        {
            _cancel.ThrowIfCancellationRequested();
            if (_listed.Count + _implied.Count > MaxPaths || !Holds(entry, EntryPath.Parse(entry.Name, entry)))
                return false;
        }
        _reader.Drain();
        return true;
    }

    private bool Holds(TarEntry entry, EntryPath path)
    {
        if (path.IsRoot)
        {
            bool isFirst = !_rootListed;
            _rootListed = true;
            return isFirst && entry.Kind == TarEntryKind.Directory && IsAsListed(entry, path.Full);
        }
        if (path.Base.StartsWith(OverlayForm.WhiteoutPrefix))
            return HoldsMarker(path);
        if (path.Parent.StartsWith(OverlayForm.WhiteoutPrefix) || path.Parent.IndexOf("/.wh."u8) >= 0)
            return false;
        return Claim(path.Full, entry.Kind == TarEntryKind.Directory) && IsAsListed(entry, path.Full);
    }

    private bool HoldsMarker(EntryPath path)
    {
        byte[] parent = path.Parent.ToArray();
        if (path.Base.SequenceEqual(OverlayForm.OpaqueMarker))
        {
            _opaque.Add(KeyOf(parent));
            Imply(parent);
            return true;
        }
        if (path.Base.StartsWith(OverlayForm.AufsPrefix))
            return true;
        byte[] hidden = [.. parent, .. parent.Length == 0 ? ""u8 : "/"u8, .. path.Base[OverlayForm.WhiteoutPrefix.Length..]];
        using TreeNode? node = Open(hidden);
        return node is { IsWhiteout: true } && Claim(hidden, isFolder: false);
    }

    /// <summary>False when an entry had the path before, or when files lie beneath what is no folder.</summary>
    private bool Claim(byte[] path, bool isFolder)
    {
        UInt128 key = KeyOf(path);
        if (!_listed.Add(key) || (_implied.Remove(key) && !isFolder))
            return false;
        int slash = path.AsSpan().LastIndexOf((byte)'/');
        if (slash > 0)
            Imply(path[..slash]);
        return true;
    }

    private void Imply(byte[] folder)
    {
        while (folder.Length > 0)
        {
            UInt128 key = KeyOf(folder);
            if (_listed.Contains(key) || !_implied.Add(key))
                return;
            folder = folder[..Math.Max(0, folder.AsSpan().LastIndexOf((byte)'/'))];
        }
    }

    private bool IsAsListed(TarEntry entry, byte[] path)
    {
        using TreeNode? node = Open(path);
        if (node is null)
            return false;
        if (entry.Kind == TarEntryKind.HardLink)
            return IsSecondName(entry, node);
        if (node.Type != TypeOf(entry.Kind) || (node.Stat.stx_uid, node.Stat.stx_gid) != (entry.Uid, entry.Gid))
            return false;
        if (!node.IsFolder && node.Mtime != entry.Mtime)
            return false;
        if (entry.Kind == TarEntryKind.SymbolicLink)
            return node.ReadLink().AsSpan().SequenceEqual(entry.LinkName);
        if ((node.Stat.stx_mode & 0xfff) != entry.Mode)
            return false;
        return entry.Kind switch
        {
            TarEntryKind.Regular => HasXattrs(entry, node) && HasContent(entry, node),
            TarEntryKind.Directory => HasXattrs(entry, node),
            TarEntryKind.Fifo => true,
            _ => (node.Stat.stx_rdev_major, node.Stat.stx_rdev_minor) == (entry.DeviceMajor, entry.DeviceMinor),
        };
    }

    private bool IsSecondName(TarEntry entry, TreeNode node)
    {
        byte[] target = EntryPath.Parse(entry.LinkName, entry).Full;
        using TreeNode? first = _listed.Contains(KeyOf(target)) ? Open(target) : null;
        return first is not null && first.Stat.stx_ino == node.Stat.stx_ino;
    }

    private static bool HasXattrs(TarEntry entry, TreeNode node)
    {
        List<TarXattr> expected = [.. entry.Xattrs.Where(xattr => OverlayForm.Accepts(xattr.Name)).OrderBy(xattr => xattr.Name, s_order)];
        List<TarXattr> actual = node.ReadXattrs();
        if (expected.Count != actual.Count || node.HasOverlayXattrs)
            return false;
        for (int i = 0; i < expected.Count; i++)
        {
            if (!expected[i].Name.AsSpan().SequenceEqual(actual[i].Name) || !expected[i].Value.AsSpan().SequenceEqual(actual[i].Value))
                return false;
        }
        return true;
    }

    private bool HasContent(TarEntry entry, TreeNode node)
    {
        if ((long)node.Stat.stx_size != entry.Size)
            return false;
        using OwnedFd file = node.Open();
        long end = 0;
        while (_reader.ReadData(out long at) is { IsEmpty: false } piece)
        {
            _cancel.ThrowIfCancellationRequested();
            Span<byte> found = _piece.AsSpan(0, piece.Length); // the reader's buffer is no larger than ours
            if (!IsHole(file.Value, end, at) || FileIo.ReadAt(file.Value, found, at) != found.Length || !found.SequenceEqual(piece))
                return false;
            end = at + piece.Length;
        }
        return IsHole(file.Value, end, entry.Size);
    }

    /// <summary>Whether there is nothing but zeroes; where the file has a hole, that is known without reading.</summary>
    private bool IsHole(int file, long from, long to)
    {
        const int Data = 3; // SEEK_DATA
        while (from < to)
        {
            _cancel.ThrowIfCancellationRequested();
            long data = Sys.lseek(file, from, Data);
            if (Sys.Is((nint)data, Errno.ENXIO) || data >= to)
                return true;
            LinuxException.ThrowIfError((nint)data, "seek");
            Span<byte> found = _piece.AsSpan(0, (int)Math.Min(_piece.Length, to - data));
            if (FileIo.ReadAt(file, found, data) != found.Length || found.ContainsAnyExcept((byte)0))
                return false;
            from = data + found.Length;
        }
        return true;
    }

    /// <summary>Every file has its entry, or is a folder that one lies in; opaque is what an entry made so.</summary>
    private bool NothingElseIsThere()
    {
        using var walk = new TreeWalk(_root);
        long left = _listed.Count + _implied.Count;
        while (walk.Next() is { } node)
        {
            _cancel.ThrowIfCancellationRequested();
            UInt128 key = KeyOf(node.Path);
            bool isRoot = node.Path.Length == 0;
            if (!isRoot && !_listed.Contains(key) && !(node.IsFolder && _implied.Contains(key)))
                return false;
            if (node.IsFolder && node.IsOpaque != _opaque.Contains(key))
                return false;
            left -= isRoot ? 0 : 1;
        }
        return left == 0;
    }

    /// <summary>Null when there is no such file, or when the way there leads through a link.</summary>
    private TreeNode? Open(byte[] path)
    {
        int answer = Sys.openat2(_root, path.Length == 0 ? "."u8.ToArray() : path, (ulong)(O.PATH | O.NOFOLLOW), Plain);
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP))
            return null;
        return new TreeNode(OwnedFd.FromAnswer(answer, "open", ByteText.Show(path)), path);
    }

    private static uint TypeOf(TarEntryKind kind) => kind switch
    {
        TarEntryKind.Regular => S.IFREG,
        TarEntryKind.Directory => S.IFDIR,
        TarEntryKind.SymbolicLink => S.IFLNK,
        TarEntryKind.CharacterDevice => S.IFCHR,
        TarEntryKind.BlockDevice => S.IFBLK,
        _ => S.IFIFO,
    };

    /// <summary>Half of a digest stands for a path: none can be made to look like another.</summary>
    private static UInt128 KeyOf(ReadOnlySpan<byte> path)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(path, digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    private static readonly Comparer<byte[]> s_order = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));
}
