using System.Text;
using Rundlet.Images.Tar;
using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

/// <summary>
/// What a container changed, told from its upper folder and the layers below. As docker counts: a folder is changed when its own
/// owner, mode or attributes are, or when something in it is listed; of what was removed only the topmost folder is listed.
/// </summary>
public sealed class TreeChanges
{
    private readonly int _upper;
    private readonly int _lower;
    private readonly IdRange? _ids;
    private readonly SortedDictionary<string, TreeChangeKind> _changes = new(StringComparer.Ordinal); // bytes as Latin 1

    private TreeChanges(int upper, int lower, IdRange? ids)
    {
        _ids = ids;
        _upper = upper;
        _lower = lower;
    }

    /// <summary>Lists the changes, sorted by the bytes of their paths.</summary>
    /// <param name="upper">An fd of the upper folder.</param>
    /// <param name="lower">An fd of the layers below as they are seen together.</param>
    /// <param name="leftOut">What does not count; null for nothing.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="ids">The ids of the container that wrote the upper folder; null where they are the host's.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unsupported"/>: a path is too long.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<TreeChange> Find(int upper, int lower, MountStubs? leftOut = null, CancellationToken cancel = default, IdRange? ids = null)
    {
        var changes = new TreeChanges(upper, lower, ids);
        using var walk = new TreeWalk(upper);
        while (walk.Next() is { } node)
        {
            cancel.ThrowIfCancellationRequested();
            if (leftOut?.Contains(node.Path) != true)
                changes.Look(node);
        }
        return [.. changes._changes.Select(change => new TreeChange(change.Value, Encoding.Latin1.GetBytes("/" + change.Key)))];
    }

    private void Look(TreeNode node)
    {
        using TreeNode? before = TreeLookup.TryOpen(_lower, node.Path);
        if (node.IsWhiteout)
        {
            if (before is not null)
                Add(node.Path, TreeChangeKind.Deleted);
            return;
        }
        bool isRoot = node.Path.Length == 0; // not listed itself
        if (before is null)
            Add(node.Path, TreeChangeKind.Added);
        else if (!isRoot && Differs(before, node))
            Add(node.Path, TreeChangeKind.Changed);
        if (before is { IsFolder: true } && node.IsOpaque)
            AddDeletedOf(node, before);
    }

    /// <summary>Of a folder that was removed and made anew: what only the old one has is gone.</summary>
    private void AddDeletedOf(TreeNode node, TreeNode before)
    {
        foreach (byte[] name in TreeLookup.NamesIn(before))
        {
            byte[] path = node.Path.Length == 0 ? name : [.. node.Path, (byte)'/', .. name];
            using TreeNode? now = TreeLookup.TryOpen(_upper, path);
            if (now is null)
                Add(path, TreeChangeKind.Deleted);
        }
    }

    private void Add(byte[] path, TreeChangeKind kind)
    {
        string text = Encoding.Latin1.GetString(path);
        _changes[text] = kind;
        for (int slash = text.LastIndexOf('/'); slash > 0; slash = text.LastIndexOf('/', slash - 1))
        {
            if (!_changes.TryAdd(text[..slash], TreeChangeKind.Changed))
                return; // those above it are listed, too
        }
    }

    private bool Differs(TreeNode before, TreeNode now)
    {
        statx_t a = before.Stat, b = now.Stat;
        if ((a.stx_mode, a.stx_uid, a.stx_gid, a.stx_rdev_major, a.stx_rdev_minor) != (b.stx_mode, IdOf(b.stx_uid), IdOf(b.stx_gid), b.stx_rdev_major, b.stx_rdev_minor))
            return true;
        if (!now.IsFolder && (a.stx_size != b.stx_size || before.Mtime != now.Mtime))
            return true; // what was copied up and not changed kept both
        if (now.Type == S.IFLNK && !before.ReadLink().AsSpan().SequenceEqual(now.ReadLink()))
            return true;
        List<TarXattr> old = before.ReadXattrs(), own = now.ReadXattrs();
        return old.Count != own.Count || !old.Zip(own).All(static pair => Same(pair.First, pair.Second));
    }

    private uint IdOf(uint id) => _ids?.ToContainer(id) ?? id;

    private static bool Same(TarXattr a, TarXattr b) => a.Name.AsSpan().SequenceEqual(b.Name) && a.Value.AsSpan().SequenceEqual(b.Value);
}
