using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// A part of a cgroup: a folder of its own beneath it in one hierarchy, the same folders in all others. Limits and figures stay
/// those of the whole; the processes in the part can be told from the others, and be killed with all that they have started.
/// </summary>
public sealed class CgroupPart : IDisposable
{
    // One that can be killed at once, one that only counts, one that can hold still.
    private static readonly string[] s_hierarchies = ["", "pids", "freezer"];

    private readonly Cgroup _own;

    private CgroupPart(Cgroup whole, Cgroup own)
    {
        Joined = whole;
        _own = own;
    }

    /// <summary>What a process is put into that shall belong to the part.</summary>
    public Cgroup Joined { get; }

    /// <summary>Makes the part, or takes it up where it is there; null where no hierarchy has room for it.</summary>
    /// <param name="cgroup">The whole.</param>
    /// <param name="name">The folder's name.</param>
    public static CgroupPart? TryMake(Cgroup cgroup, string name)
    {
        IReadOnlyDictionary<string, string> paths = cgroup.Paths;
        foreach (string hierarchy in s_hierarchies)
        {
            if (!paths.TryGetValue(hierarchy, out string? path))
                continue;
            string part = $"{path}/{name}";
            int answer = Sys.mkdirat(Sys.AT_FDCWD, part, 0x1ED /* 0755 */);
            if (answer < 0 && !Sys.Is(answer, Errno.EEXIST))
                continue;
            var joined = new Dictionary<string, string>();
            var own = new Dictionary<string, string>();
            foreach ((string controller, string folder) in paths)
            {
                joined[controller] = folder == path ? part : folder;
                if (folder == path)
                    own[controller] = part;
            }
            return new CgroupPart(Cgroup.FromPaths(joined), Cgroup.FromPaths(own));
        }
        return null;
    }

    /// <summary>Kills what is in it.</summary>
    /// <exception cref="ContainerException">Some process could not be killed.</exception>
    public void Kill() => _own.Kill();

    /// <summary>Whether there is a process in it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool IsEmpty => _own.Pids().Count == 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        Joined.Dispose();
        _own.Dispose();
    }
}
