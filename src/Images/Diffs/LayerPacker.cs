using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

/// <summary>
/// Packs a tree into an archive, the counterpart of <see cref="LayerUnpacker"/>: unpacked, the archive is the tree again. The same
/// tree gives the same bytes. A container may change the tree meanwhile, and mean it: nothing outside of it is read, only regular files
/// are opened, and a file has the size that it had when its turn came: what is missing then is zeroes, what is more is left out.
/// <code>
/// next by name ─► O_PATH fd, statx ─► whiteout? second name? ─► attributes ─► header ─► data, holes not read
/// </code>
/// Sockets are left out, as every packer does: they mean nothing without the process that listens.
/// </summary>
public sealed partial class LayerPacker : IDisposable
{
    private readonly TreeWalk _walk;
    private readonly TarWriter _tar;
    private readonly PackOptions _options;
    private readonly CancellationToken _cancel;
    private readonly Dictionary<(uint Major, uint Minor, ulong Inode), byte[]> _linked = [];
    private long _entries;
    private long _bytes;

    private LayerPacker(int root, Stream target, PackOptions options, CancellationToken cancel)
    {
        _walk = new TreeWalk(root);
        _tar = new TarWriter(target);
        _options = options;
        _cancel = cancel;
    }

    /// <summary>Packs a whole tree.</summary>
    /// <param name="root">An fd of its root.</param>
    /// <param name="target">Gets the archive, in many small pieces.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancel">Ends it between two entries or pieces of content.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.Unsupported"/>: the tree holds what no archive or no layer can say; says what.
    /// <see cref="ContainerErrorKind.Internal"/>: the kernel refused. Others are the target's.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static PackResult Pack(int root, Stream target, PackOptions? options = null, CancellationToken cancel = default)
    {
        using var packer = new LayerPacker(root, target, options ?? PackOptions.Default, cancel);
        return packer.Run();
    }

    void IDisposable.Dispose() => _walk.Dispose();

    private PackResult Run()
    {
        while (Next() is { } node)
        {
            _cancel.ThrowIfCancellationRequested();
            if (_options.LeftOut?.Contains(node.Path) == true)
                continue;
            try
            {
                Add(node);
            }
            catch (LinuxException error)
            {
                throw new ContainerException(ContainerErrorKind.Internal, $"pack '{ByteText.Show(node.Path)}'", error);
            }
        }
        _tar.Finish();
        return new PackResult(_entries, _bytes);
    }

    private TreeNode? Next()
    {
        try
        {
            return _walk.Next();
        }
        catch (LinuxException error)
        {
            throw new ContainerException(ContainerErrorKind.Internal, "pack files", error);
        }
    }

    private void Add(TreeNode node)
    {
        if (_options.Form == TreeForm.OverlayUpper)
        {
            if (node.IsWhiteout)
            {
                AddMarker(node.Path, OverlayForm.WhiteoutPrefix);
                return;
            }
            RefuseWhatLayersCannotSay(node);
        }
        if (node.Type == S.IFSOCK)
            return;
        bool mayBeLinked = !node.IsFolder && node.Stat.stx_nlink > 1;
        var inode = (node.Stat.stx_dev_major, node.Stat.stx_dev_minor, node.Stat.stx_ino);
        byte[]? first = null;
        if (mayBeLinked && !_linked.TryGetValue(inode, out first))
            _linked.Add(inode, node.Path);
        _entries++;
        TarEntry entry = Describe(node, first);
        if (entry.Kind == TarEntryKind.Regular)
            AddFile(node, entry);
        else
            _tar.Begin(entry);
        if (_options.Form == TreeForm.OverlayUpper && node.IsOpaque)
            AddMarker([.. node.Path, .. node.Path.Length == 0 ? ""u8 : "/"u8, .. OverlayForm.OpaqueMarker], []);
    }

    private TarEntry Describe(TreeNode node, byte[]? first)
    {
        statx_t stat = node.Stat;
        bool isDevice = node.Type is S.IFCHR or S.IFBLK;
        return new TarEntry
        {
            Kind = first is not null ? TarEntryKind.HardLink : KindOf(node.Type),
            Name = !node.IsFolder ? node.Path : node.Path.Length == 0 ? "./"u8.ToArray() : [.. node.Path, (byte)'/'],
            LinkName = first ?? (node.Type == S.IFLNK ? node.ReadLink() : []),
            Mode = stat.stx_mode & 0xfffu,
            Uid = _options.Ids?.ToContainer(stat.stx_uid) ?? stat.stx_uid,
            Gid = _options.Ids?.ToContainer(stat.stx_gid) ?? stat.stx_gid,
            Mtime = Clamp(node.Mtime),
            DeviceMajor = isDevice && first is null ? stat.stx_rdev_major : 0,
            DeviceMinor = isDevice && first is null ? stat.stx_rdev_minor : 0,
            Xattrs = first is not null ? [] : _options.Ids is { } ids ? FileCapabilities.ToContainer(node.ReadXattrs(), ids) : node.ReadXattrs(),
        };
    }

    /// <summary>A whiteout, or what makes a folder opaque: an empty file that says nothing but its name.</summary>
    private void AddMarker(byte[] path, ReadOnlySpan<byte> prefix)
    {
        int slash = path.AsSpan().LastIndexOf((byte)'/') + 1;
        _entries++;
        _tar.Begin(new TarEntry { Kind = TarEntryKind.Regular, Name = [.. path.AsSpan(0, slash), .. prefix, .. path.AsSpan(slash)] });
    }

    /// <summary>Names that would be taken for whiteouts, and what overlayfs keeps elsewhere than here.</summary>
    private static void RefuseWhatLayersCannotSay(TreeNode node)
    {
        if (node.Name.StartsWith(OverlayForm.WhiteoutPrefix))
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"a layer cannot hold '{ByteText.Show(node.Path)}': names that begin with '.wh.' say what is gone")
            {
                Hint = "rename or remove it in the container first",
            };
        }
        string? elsewhere = node switch
        {
            { Type: S.IFREG } when node.TryXattr(OverlayForm.MetacopyXattr) is not null => "content",
            { IsFolder: true } when node.TryXattr(OverlayForm.RedirectXattr) is not null => "files",
            _ => null,
        };
        if (elsewhere is not null)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"overlayfs keeps the {elsewhere} of '{ByteText.Show(node.Path)}' in a lower layer, under another name")
            {
                Hint = "the container's overlay was mounted with redirect_dir or metacopy: start it anew",
            };
    }

    private TarTime Clamp(TarTime time) => _options.Latest is { } latest && time.CompareTo(latest) > 0 ? latest : time;

    private static TarEntryKind KindOf(uint type) => type switch
    {
        S.IFREG => TarEntryKind.Regular,
        S.IFDIR => TarEntryKind.Directory,
        S.IFLNK => TarEntryKind.SymbolicLink,
        S.IFCHR => TarEntryKind.CharacterDevice,
        S.IFBLK => TarEntryKind.BlockDevice,
        _ => TarEntryKind.Fifo,
    };
}
