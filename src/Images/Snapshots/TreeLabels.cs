using Rundlet.Images.Diffs;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Linux.Labels;
using Rundlet.Syscalls;

namespace Rundlet.Images.Snapshots;

/// <summary>
/// SELinux labels of whole trees. The root gets its label last: where it has it, all that was there has it too, whoever was killed meanwhile.
/// Links are labelled, not followed; what is mounted in the tree is left alone.
/// </summary>
public static class TreeLabels
{
    private const int MaxLabelBytes = 4096; // a page: what selinuxfs takes

    /// <summary>Whether a file has a label.</summary>
    /// <param name="fd">An fd of it, which may be <c>O_PATH</c>.</param>
    /// <param name="label">The label.</param>
    public static bool Has(int fd, string label)
    {
        byte[] value = new byte[MaxLabelBytes];
        nint length = Sys.getxattr($"/proc/self/fd/{fd}", SelinuxHost.Xattr, value);
        return length > 0 && value.AsSpan(0, (int)length).TrimEnd((byte)0).SequenceEqual(SelinuxHost.Value(label).AsSpan()[..^1]);
    }

    /// <summary>Labels a file, or a folder with all that is in it.</summary>
    /// <param name="root">An fd of it, which may be <c>O_PATH</c>.</param>
    /// <param name="label">The label.</param>
    /// <param name="path">What to call the tree in an error.</param>
    /// <exception cref="LinuxException">The kernel refused; what was reached before has the label.</exception>
    public static void Apply(int root, string label, string path)
    {
        byte[] value = SelinuxHost.Value(label);
        LinuxException.ThrowIfError(Sys.statx(root, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t stat), "stat", path);
        if ((stat.stx_mode & S.IFMT) == S.IFDIR)
        {
            using TreeWalk walk = new(root);
            while (walk.Next() is { } node)
            {
                if (node.Path.Length > 0)
                    Set(node.Fd, value, label, $"{path}/{ByteText.Show(node.Path)}");
            }
        }
        Set(root, value, label, path);
    }

    // By the link in /proc, which leads to the inode itself, be it a symbolic link: an O_PATH fd takes no attributes.
    private static void Set(int fd, byte[] value, string label, string path)
    {
        int answer = Sys.setxattr($"/proc/self/fd/{fd}", SelinuxHost.Xattr, value);
        if (!Sys.Is(answer, Errno.EOPNOTSUPP)) // a file system without labels of its own
            LinuxException.ThrowIfError(answer, $"label '{label}' on", path);
    }
}
