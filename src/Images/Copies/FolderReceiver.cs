using System.Text;
using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

/// <summary>
/// Makes copied files in a folder that others, perhaps hostile, use at the same time. Each file is made without a name and gets one when it
/// is whole, in place of what had it. Names are made and replaced in folders that are held open, links are never followed in the last
/// component, and owner and mode are set by fd on what was made here, on nothing that was put there meanwhile.
/// </summary>
/// <remarks>As docker: a folder may not replace a file, nor a file a folder; a folder that is there takes the owner, mode and time of the copied one.</remarks>
public sealed partial class FolderReceiver : ICopyReceiver, IDisposable
{
    private const int MaxDeferredBytes = 64 << 20;

    private readonly CopyScope _scope;
    private readonly OwnedFd _folder;
    private readonly CopyNotes _notes;
    private readonly List<MadeFolder> _folders = [];
    private byte[]? _parentPath;
    private OwnedFd? _parent;
    private byte[]? _top;
    private (ulong Inode, uint Major, uint Minor) _topInode;
    private long _deferred;

    private sealed record MadeFolder(byte[] Path, TarEntry Entry, ulong Inode, uint Major, uint Minor);

    /// <summary>Begins.</summary>
    /// <param name="scope">The folder, and how paths from it are found.</param>
    /// <param name="notes">Is told.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public FolderReceiver(CopyScope scope, CopyNotes notes)
    {
        _scope = scope;
        _notes = notes;
        _folder = scope.Open();
    }

    /// <inheritdoc/>
    public void Add(TarEntry entry, FileContent? content) => Add(entry, content is null ? null : new PieceReader(content.Read));

    /// <summary>Reads on from an archive to its end, and makes what stands in it.</summary>
    /// <param name="archive">The archive, which may be packed.</param>
    /// <param name="ids">Whose it becomes.</param>
    /// <param name="cancel">Ends it between two entries or pieces.</param>
    /// <exception cref="ContainerException">InvalidArgument: damaged or hostile, says which entry; or as for <see cref="ICopyReceiver.Add"/>.</exception>
    public void AddArchive(Stream archive, CopyIds ids, CancellationToken cancel)
    {
        using var unpacked = new Compression.LayerStream(archive, null, long.MaxValue, cancel);
        var reader = new TarReader(unpacked);
        while (reader.Next() is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            Add(entry with { Uid = ids.User(entry.Uid), Gid = ids.Group(entry.Gid) }, entry.Kind == TarEntryKind.Regular ? new PieceReader(reader.ReadData) : null);
        }
        reader.Drain();
        Finish();
    }

    /// <summary>The folders get their owners, modes and times: what is made in them would have changed these.</summary>
    public void Finish()
    {
        Forget();
        for (int i = _folders.Count - 1; i >= 0; i--)
            FinishFolder(_folders[i]);
        _folders.Clear();
        _top = null;
    }

    /// <summary>Takes a folder back that was new, when the copy has failed or was cancelled; files that are whole stay where something was before.</summary>
    public void Undo()
    {
        Forget();
        if (_top is null || InodeOf(_folder.Value, _top) != _topInode)
            return;
        try
        {
            TreeRemover.Remove(_folder.Value, _top);
        }
        catch (LinuxException left)
        {
            _notes.Skipped?.Invoke($"'{ByteText.Show(_top)}' could not be removed again: {left.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _folder.Dispose();
    }

    private delegate ReadOnlySpan<byte> PieceReader(out long at);

    private void Add(TarEntry entry, PieceReader? read)
    {
        EntryPath path = EntryPath.Parse(entry.Name, entry);
        if (path.IsRoot)
        {
            if (entry.Kind != TarEntryKind.Directory)
                throw TarFormatError.In(entry, "would replace the folder that it is copied to");
            return; // as docker: the folder stays as it is, only what is in it counts
        }
        try
        {
            Make(entry, path, read);
        }
        catch (LinuxException error)
        {
            throw Explain(path.Full, error);
        }
    }

    private void Make(TarEntry entry, EntryPath path, PieceReader? read)
    {
        int parent = OpenParent(path.Parent);
        byte[] name = path.Base.ToArray();
        uint there = TypeOf(parent, name);
        bool isFolder = entry.Kind == TarEntryKind.Directory;
        if (there != 0 && (there == S.IFDIR) != isFolder)
        {
            throw new ContainerException(ContainerErrorKind.Conflict,
                isFolder ? $"cannot overwrite non-directory '{ByteText.Show(path.Full)}' with directory" : $"cannot overwrite directory '{ByteText.Show(path.Full)}' with non-directory");
        }
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                MakeFolder(entry, path.Full, parent, name, isNew: there == 0);
                break;
            case TarEntryKind.Regular:
                MakeFile(entry, parent, name, read!);
                break;
            case TarEntryKind.HardLink:
                MakeHardLink(entry, path.Full, parent, name);
                break;
            default:
                MakeNode(entry, parent, name);
                break;
        }
    }

    private void MakeFolder(TarEntry entry, byte[] path, int parent, byte[] name, bool isNew)
    {
        int answer = Sys.mkdirat(parent, name, FileModes.PrivateFolder);
        if (!Sys.Is(answer, Errno.EEXIST))
            LinuxException.ThrowIfError(answer, "make folder");
        var inode = InodeOf(parent, name);
        if (isNew && _top is null && !path.Contains((byte)'/'))
            (_top, _topInode) = (path, inode);
        _deferred += path.Length + 128 + entry.Xattrs.Sum(xattr => xattr.Value.Length);
        if (_deferred > MaxDeferredBytes)
            throw TarFormatError.In(entry, "too many folders for one copy");
        _folders.Add(new MadeFolder(path, entry, inode.Inode, inode.Major, inode.Minor));
    }

    private void FinishFolder(MadeFolder made)
    {
        try
        {
            int slash = made.Path.AsSpan().LastIndexOf((byte)'/');
            using OwnedFd parent = _scope.OpenBeneath(_folder.Value, made.Path.AsSpan(0, Math.Max(0, slash)).ToArray());
            int answer = Sys.openat(parent.Value, made.Path[(slash + 1)..], O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
            if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP))
                return; // removed or replaced meanwhile
            using OwnedFd folder = OwnedFd.FromAnswer(answer, "open folder");
            if (InodeOf(folder.Value, []) == (made.Inode, made.Major, made.Minor)) // else another one took its place, which is none of ours
                Finish(made.Entry, folder.Value);
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            _ = gone; // ignored: one of the folders above was removed or replaced meanwhile
        }
        catch (LinuxException error)
        {
            throw Explain(made.Path, error);
        }
    }

    private int OpenParent(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
            return _folder.Value;
        if (_parentPath is not null && path.SequenceEqual(_parentPath))
            return _parent!.Value;
        Forget();
        byte[] copy = path.ToArray();
        _parent = _scope.EnsureBeneath(_folder.Value, copy);
        _parentPath = copy;
        return _parent.Value;
    }

    private void Forget()
    {
        _parent?.Dispose();
        (_parent, _parentPath) = (null, null);
    }

    private static (ulong Inode, uint Major, uint Minor) InodeOf(int folder, byte[] name)
    {
        int answer = Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW | (name.Length == 0 ? AT.EMPTY_PATH : 0), STATX.INO, out statx_t stat);
        if (Sys.Is(answer, Errno.ENOENT))
            return default;
        LinuxException.ThrowIfError(answer, "stat");
        return (stat.stx_ino, stat.stx_dev_major, stat.stx_dev_minor);
    }

    private static uint TypeOf(int folder, byte[] name)
    {
        int answer = Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat);
        if (Sys.Is(answer, Errno.ENOENT))
            return 0;
        LinuxException.ThrowIfError(answer, "stat");
        return stat.stx_mode & S.IFMT;
    }

    private ContainerException Explain(byte[] path, LinuxException error)
    {
        string shown = $"'{ByteText.Show(path)}'";
        return error.Errno switch
        {
            Errno.EROFS => new ContainerException(ContainerErrorKind.Conflict, $"cannot write {shown}: {_scope.Whose} is read-only there"),
            Errno.EOVERFLOW => new ContainerException(ContainerErrorKind.Unsupported, $"cannot write {shown}: what is mounted there has the ids of a user namespace, where this user has none") { Hint = "let a process of the container write it: rundlet exec" },
            Errno.EBUSY => new ContainerException(ContainerErrorKind.Conflict, $"cannot replace {shown}: something is mounted on it"),
            Errno.ENOSPC or Errno.EDQUOT => new ContainerException(ContainerErrorKind.Unavailable, $"cannot write {shown}: the disk is full") { Hint = "free some space, then copy again" },
            Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP => new ContainerException(ContainerErrorKind.Conflict, $"cannot write {shown}: a folder on the way leads nowhere, or was changed meanwhile", error),
            Errno.EACCES or Errno.EPERM => new ContainerException(ContainerErrorKind.PermissionDenied, $"cannot write {shown}", error),
            _ => new ContainerException(ContainerErrorKind.Internal, $"cannot write {shown}", error),
        };
    }
}
