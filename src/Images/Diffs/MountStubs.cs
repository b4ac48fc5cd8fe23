using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Images.Diffs;

/// <summary>
/// What stands in an upper folder only because something was mounted on it: the empty <c>/etc/hosts</c> of a container whose image has
/// none. It is nothing that the container did, so it is no change and no part of a layer.
/// </summary>
public sealed class MountStubs
{
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal); // bytes as Latin 1

    private MountStubs()
    {
    }

    /// <summary>Looks for them.</summary>
    /// <param name="upper">An fd of the upper folder.</param>
    /// <param name="lower">An fd of the layers below as they are seen together; what they hold is no stub.</param>
    /// <param name="destinations">Where the container has mounts; absolute paths.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static MountStubs Find(int upper, int lower, IEnumerable<string> destinations)
    {
        var stubs = new MountStubs();
        foreach (string destination in destinations)
        {
            string[] components = destination.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (components.Length == 0 || components.Any(component => component is "." or ".."))
                continue;
            // The folders above were made for it, too, where nothing else is in them.
            for (int length = components.Length; length > 0; length--)
            {
                byte[] path = Encoding.UTF8.GetBytes(string.Join('/', components[..length]));
                if (!stubs.IsStub(upper, lower, path))
                    break;
                stubs._paths.Add(Encoding.Latin1.GetString(path));
            }
        }
        return stubs;
    }

    /// <summary>Whether a path is one of them.</summary>
    /// <param name="path">From the root, without a slash at either end.</param>
    public bool Contains(ReadOnlySpan<byte> path) => _paths.Count > 0 && _paths.Contains(Encoding.Latin1.GetString(path));

    private bool IsStub(int upper, int lower, byte[] path)
    {
        using TreeNode? own = TreeLookup.TryOpen(upper, path);
        if (own is null || !(own.IsFolder || (own.Type == S.IFREG && own.Stat.stx_size == 0)))
            return false;
        using TreeNode? below = TreeLookup.TryOpen(lower, path);
        if (below is not null)
            return false;
        return !own.IsFolder || TreeLookup.NamesIn(own).TrueForAll(name => Contains([.. path, (byte)'/', .. name]));
    }
}
