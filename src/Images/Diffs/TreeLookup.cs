using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

/// <summary>Finds files of a tree by their paths: no link is followed and no mount entered, so what is found lies where the path says.</summary>
internal static class TreeLookup
{
    /// <summary>The file, or null when there is none, or only a whiteout.</summary>
    /// <param name="root">An fd of the tree's root.</param>
    /// <param name="path">From the root, without a slash at either end; empty for the root.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static TreeNode? TryOpen(int root, byte[] path)
    {
        int answer;
        do
            answer = Sys.openat2(root, path.Length == 0 ? "."u8.ToArray() : path, O.PATH | O.NOFOLLOW, RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV);
        while (Sys.Is(answer, Errno.EAGAIN)); // a race with some rename on the machine could not be ruled out
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP) || Sys.Is(answer, Errno.ENAMETOOLONG))
            return null;
        var node = new TreeNode(OwnedFd.FromAnswer(answer, "open", ByteText.Show(path)), path);
        if (!node.IsWhiteout)
            return node;
        node.Dispose();
        return null;
    }

    /// <summary>The names in a folder, whiteouts left out.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static List<byte[]> NamesIn(TreeNode folder)
    {
        using OwnedFd fd = folder.Open();
        List<byte[]> names = [];
        foreach (FolderReader.Item item in FolderReader.ReadAll(fd.Value, ByteText.Show(folder.Path)))
        {
            using TreeNode? found = TryOpen(fd.Value, item.Name);
            if (found is not null)
                names.Add(item.Name);
        }
        return names;
    }
}
