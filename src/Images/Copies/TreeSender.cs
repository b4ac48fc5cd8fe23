using Rundlet.Images.Diffs;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Copies;

/// <summary>
/// Sends a file, or a folder with all that is in it. Others may change it meanwhile, and mean it: each file is held by an fd before it is
/// looked at, no link is followed, only regular files are opened, and nothing outside is reached. Sockets are left out: they mean nothing
/// without the process that listens.
/// </summary>
public sealed class TreeSender
{
    private readonly ICopyReceiver _receiver;
    private readonly CopyIds _ids;
    private readonly CopyNotes _notes;
    private readonly CancellationToken _cancel;
    private readonly Dictionary<ulong, bool>? _mounts;
    private readonly byte[] _name;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 << 10);
    private readonly Dictionary<(uint Major, uint Minor, ulong Inode), byte[]> _linked = [];

    private TreeSender(byte[] name, ICopyReceiver receiver, CopyIds ids, IReadOnlyDictionary<ulong, bool>? mounts, CopyNotes notes, CancellationToken cancel)
    {
        _name = name;
        _receiver = receiver;
        _ids = ids;
        _mounts = mounts is null ? null : new Dictionary<ulong, bool>(mounts);
        _notes = notes;
        _cancel = cancel;
    }

    /// <summary>Sends it.</summary>
    /// <param name="file">An <c>O_PATH</c> fd of the file or folder; stays the caller's.</param>
    /// <param name="name">What it is called there; a dot for a folder of which only the content counts.</param>
    /// <param name="receiver">Where to.</param>
    /// <param name="ids">Whose it becomes.</param>
    /// <param name="mounts">Which mounts beneath are entered, as <see cref="FileRoot.Mounts"/>.</param>
    /// <param name="notes">Is told.</param>
    /// <param name="cancel">Ends it between two files or pieces of content.</param>
    /// <exception cref="ContainerException">Something cannot be read or taken; says what.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Send(int file, byte[] name, ICopyReceiver receiver, CopyIds ids, IReadOnlyDictionary<ulong, bool>? mounts, CopyNotes notes, CancellationToken cancel)
    {
        var sender = new TreeSender(name, receiver, ids, mounts, notes, cancel);
        LinuxException.ThrowIfError(Sys.statx(file, "", AT.EMPTY_PATH, STATX.TYPE | STATX.MNT_ID, out statx_t stat), "stat", ByteText.Show(name));
        if (sender._mounts is not null)
            sender._mounts[stat.stx_mnt_id] = true;
        if ((stat.stx_mode & S.IFMT) == S.IFDIR)
            sender.SendFolder(file);
        else
            sender.SendFile(file);
        receiver.Finish();
    }

    private void SendFile(int file)
    {
        // A second O_PATH fd of the same file, which the node may close.
        using var node = new TreeNode(OwnedFd.FromAnswer(Sys.fcntl(file, F.DUPFD_CLOEXEC, 0), "duplicate"), []);
        if (node.Type == S.IFSOCK)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{ByteText.Show(_name)}' is a socket, which cannot be copied");
        Add(node);
    }

    private void SendFolder(int folder)
    {
        using var walk = new TreeWalk(folder, IsEntered);
        while (walk.Next() is { } node)
        {
            _cancel.ThrowIfCancellationRequested();
            if (node.Type == S.IFSOCK)
                _notes.Skipped?.Invoke($"'{ByteText.Show(NameOf(node))}' is a socket, and was left out");
            else
                Add(node);
        }
    }

    private bool IsEntered(TreeNode folder)
    {
        if (_mounts is null)
            return true;
        if (_mounts.TryGetValue(folder.Stat.stx_mnt_id, out bool isEntered))
            return isEntered;
        _notes.Skipped?.Invoke($"what is mounted on '{ByteText.Show(NameOf(folder))}' was left out");
        return false;
    }

    private void Add(TreeNode node)
    {
        byte[] name = NameOf(node);
        try
        {
            Add(node, name);
        }
        catch (LinuxException error)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"read '{ByteText.Show(name)}'", error);
        }
    }

    private void Add(TreeNode node, byte[] name)
    {
        statx_t stat = node.Stat;
        byte[]? first = null;
        var inode = (stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino);
        if (!node.IsFolder && stat.stx_nlink > 1 && !_linked.TryGetValue(inode, out first))
            _linked.Add(inode, name);
        bool isDevice = first is null && node.Type is S.IFCHR or S.IFBLK;
        using FileContent? content = first is null && node.Type == S.IFREG ? new FileContent(node.Open(), _buffer, _cancel) : null;
        var entry = new TarEntry
        {
            Kind = first is not null ? TarEntryKind.HardLink : KindOf(node.Type),
            Name = node.IsFolder ? [.. name, (byte)'/'] : name,
            LinkName = first ?? (node.Type == S.IFLNK ? node.ReadLink() : []),
            Mode = stat.stx_mode & 0xfffu,
            Uid = _ids.User(stat.stx_uid),
            Gid = _ids.Group(stat.stx_gid),
            Size = content?.Size ?? 0,
            Mtime = node.Mtime,
            DeviceMajor = isDevice ? stat.stx_rdev_major : 0,
            DeviceMinor = isDevice ? stat.stx_rdev_minor : 0,
            Xattrs = first is null && node.Type is S.IFREG or S.IFDIR ? [.. node.ReadXattrs().Where(IsCopied)] : [],
        };
        _receiver.Add(entry, content);
    }

    /// <summary>What a program may do, and what people wrote on it; the rest means something only where it is.</summary>
    internal static bool IsCopied(TarXattr xattr) => xattr.Name.AsSpan().SequenceEqual("security.capability"u8) || xattr.Name.AsSpan().StartsWith("user."u8);

    private byte[] NameOf(TreeNode node) => node.Path.Length == 0 ? _name : [.. _name, (byte)'/', .. node.Path];

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
