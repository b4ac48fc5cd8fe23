using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

/// <summary>
/// Applies an archive to a folder, in overlayfs form. Nothing outside of the folder can be reached, whatever the archive holds: paths
/// are resolved by the kernel beneath the folder's fd, names are made with O_EXCL and without following links, and what stood
/// there before is removed first. For each entry:
/// <code>
///   clean path ─► folder it lies in (kept open) ─► whiteout? ─► make ─► owner ─► mode ─► attributes ─► times
///                                          folders' times and default access lists: after the last entry
/// </code>
/// The order is the kernel's: a change of owner clears setuid bits and capabilities, a new entry changes its folder's time and takes
/// over its default access list.
/// </summary>
public sealed partial class LayerUnpacker : IDisposable
{
    /// <summary>Times and default access lists of folders wait until the end; so many bytes may wait.</summary>
    private const int MaxDeferredBytes = 64 << 20;

    private readonly TarReader _reader;
    private readonly int _root;
    private readonly FolderCache _folders;
    private readonly UnpackLimits _limits;
    private readonly bool _hasWhiteouts;
    private readonly CancellationToken _cancel;
    private readonly List<(byte[] Path, TarTime Mtime, byte[]? DefaultList)> _listed = [];
    private long _deferredBytes;
    private bool _rootListed;
    private long _bytes;

    private LayerUnpacker(Stream tar, int root, UnpackLimits limits, bool hasWhiteouts, CancellationToken cancel)
    {
        _hasWhiteouts = hasWhiteouts;
        _reader = new TarReader(tar);
        _root = root;
        _folders = new FolderCache(root);
        _limits = limits;
        _cancel = cancel;
    }

    /// <summary>Unpacks a whole archive and reads the stream to its end.</summary>
    /// <param name="tar">The uncompressed archive.</param>
    /// <param name="root">An fd, not <c>O_PATH</c>, of the folder; nobody else may change what is in it meanwhile.</param>
    /// <param name="limits">What it may cost; null for the defaults.</param>
    /// <param name="cancel">Ends it between two entries or pieces of content.</param>
    /// <param name="hasWhiteouts">Whether names that begin with <c>.wh.</c> say what is gone from layers below; else they are names like others.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: the archive is damaged, or holds what a layer may not; says which entry.
    /// <see cref="ContainerErrorKind.Unavailable"/>: the disk is full. What was unpacked before stays; the caller removes it.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static UnpackResult Unpack(Stream tar, int root, UnpackLimits? limits = null, CancellationToken cancel = default, bool hasWhiteouts = true)
    {
        using var unpacker = new LayerUnpacker(tar, root, limits ?? UnpackLimits.Default, hasWhiteouts, cancel);
        try
        {
            return unpacker.Run();
        }
        catch (LinuxException error)
        {
            throw new ContainerException(ContainerErrorKind.Internal, "unpack layer", error);
        }
    }

    void IDisposable.Dispose() => _folders.Dispose();

    private UnpackResult Run()
    {
        long entries = 0;
        while (_reader.Next() is { } entry)
        {
            _cancel.ThrowIfCancellationRequested();
            if (++entries > _limits.MaxEntries)
                throw TarFormatError.In(entry, $"the layer has more than {_limits.MaxEntries} entries");
            try
            {
                Apply(entry);
            }
            catch (LinuxException error)
            {
                throw Explain(entry, error);
            }
        }
        _reader.Drain();
        FinishFolders();
        return new UnpackResult(entries, _bytes) { Implied = _rootListed ? _folders.Implied : ["", .. _folders.Implied] };
    }

    private void Apply(TarEntry entry)
    {
        EntryPath path = EntryPath.Parse(entry.Name, entry);
        if (path.IsRoot)
        {
            ApplyRoot(entry);
            return;
        }
        if (_hasWhiteouts && path.Base.StartsWith(OverlayForm.WhiteoutPrefix))
        {
            ApplyWhiteout(entry, path);
            return;
        }
        if (_hasWhiteouts && (path.Parent.StartsWith(OverlayForm.WhiteoutPrefix) || path.Parent.IndexOf("/.wh."u8) >= 0))
        {
            if (path.Parent.IndexOf(OverlayForm.AufsPrefix) >= 0)
                return;
            throw TarFormatError.In(entry, "lies in a folder with the name of a whiteout");
        }
        Make(entry, path, _folders.Open(path.Parent));
        if (_existingRemoved)
            _folders.Forget();
        _existingRemoved = false;
    }

    private void Make(TarEntry entry, EntryPath path, int folder)
    {
        byte[] name = path.Base.ToArray();
        switch (entry.Kind)
        {
            case TarEntryKind.Regular:
                MakeFile(entry, folder, name);
                break;
            case TarEntryKind.Directory:
                MakeFolder(entry, path, folder, name);
                break;
            case TarEntryKind.HardLink:
                MakeHardLink(entry, path, folder, name);
                break;
            default:
                MakeNode(entry, folder, name);
                break;
        }
    }

    private void ApplyRoot(TarEntry entry)
    {
        if (entry.Kind != TarEntryKind.Directory)
            throw TarFormatError.In(entry, "would replace the layer's root");
        FinishByFd(entry, _root);
        _rootListed = true;
        Defer(entry, []);
    }

    private void Defer(TarEntry entry, byte[] path)
    {
        byte[]? list = entry.Xattrs.Count == 0 ? null : entry.Xattrs.FirstOrDefault(IsDefaultList).Value;
        _deferredBytes += path.Length + 64 + (list?.Length ?? 0);
        if (_deferredBytes > MaxDeferredBytes)
            throw TarFormatError.In(entry, "the layer has too many folders");
        _listed.Add((path, entry.Mtime, list));
    }

    private static bool IsDefaultList(TarXattr xattr) => xattr.Name.AsSpan().SequenceEqual("system.posix_acl_default"u8);

    private void FinishFolders()
    {
        foreach ((byte[] path, TarTime mtime, byte[]? list) in _listed)
        {
            _cancel.ThrowIfCancellationRequested();
            int answer = path.Length == 0 ? Sys.openat2(_root, ".", O.PATH, RESOLVE.BENEATH) : _folders.OpenInRoot(path, O.NOFOLLOW);
            // A later entry put something else there; it has its own time.
            if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP))
                continue;
            using OwnedFd folder = OwnedFd.FromAnswer(answer, "open a folder to set its times");
            if (list is not null)
                SetDefaultList(folder.Value, list);
            timespec time = Time(mtime);
            LinuxException.ThrowIfError(Sys.utimensat(folder.Value, "", time, time, AT.EMPTY_PATH), "set times of a folder");
        }
    }

    private static void SetDefaultList(int folder, byte[] list)
    {
        using OwnedFd readable = FileIo.Open(folder, ".", O.RDONLY | O.DIRECTORY);
        int answer = Sys.fsetxattr(readable.Value, AccessLists.Default, list);
        if (!Sys.Is(answer, Errno.EOPNOTSUPP)) // a file system that keeps none
            LinuxException.ThrowIfError(answer, "set default access list of a folder");
    }

    private static ContainerException Explain(TarEntry entry, LinuxException error) => error.Errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT => new ContainerException(ContainerErrorKind.Unavailable, $"unpack '{ByteText.Show(entry.Name)}'", error)
        {
            Hint = "free some space where images are kept, then try again",
        },
        Errno.EPERM or Errno.EACCES => new ContainerException(ContainerErrorKind.PermissionDenied, $"unpack '{ByteText.Show(entry.Name)}'", error),
        Errno.EIO or Errno.EROFS or Errno.ENFILE or Errno.EMFILE or Errno.ENOMEM =>
            new ContainerException(ContainerErrorKind.Internal, $"unpack '{ByteText.Show(entry.Name)}'", error),
        _ => TarFormatError.In(entry, "cannot be unpacked", error),
    };
}
