using System.Text;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// Which cgroup hierarchies are mounted, where, and where the caller is in each: cgroups(7). It is on the path of
/// every container start: two files of procfs, and <c>cgroup.controllers</c> where there is a cgroup2 mount.
/// </summary>
public sealed class CgroupLayout
{
    private readonly CgroupHierarchy[] _hierarchies;

    private CgroupLayout(CgroupHierarchy[] hierarchies)
    {
        _hierarchies = hierarchies;
        bool v1 = false;
        foreach (CgroupHierarchy hierarchy in hierarchies)
        {
            if (hierarchy.IsV2)
                Unified = hierarchy;
            else
                v1 = true;
        }
        Mode = (v1, Unified) switch
        {
            (false, null) => CgroupMode.None,
            (true, null) => CgroupMode.V1,
            (true, _) => CgroupMode.Hybrid,
            (false, _) => CgroupMode.V2,
        };
    }

    /// <summary>How the machine is set up.</summary>
    public CgroupMode Mode { get; }

    /// <summary>Every hierarchy that is mounted, in the order of /proc/self/cgroup.</summary>
    public IReadOnlyList<CgroupHierarchy> Hierarchies => _hierarchies;

    /// <summary>The cgroup2 mount, in hybrid mode too; null where there is none.</summary>
    public CgroupHierarchy? Unified { get; }

    /// <summary>Reads this machine's.</summary>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public static CgroupLayout Detect() => Read("/proc/self/cgroup");

    /// <summary>The same with the cgroups of another process in place of the caller's own.</summary>
    /// <exception cref="LinuxException">There is no such process, or procfs could not be read.</exception>
    public static CgroupLayout Of(int pid) => Read($"/proc/{pid}/cgroup");

    private static CgroupLayout Read(string cgroups) => Parse(
        FileIo.ReadFile(Sys.AT_FDCWD, "/proc/self/mountinfo"),
        FileIo.ReadFile(Sys.AT_FDCWD, cgroups),
        static mountPoint => FileIo.ReadFile(Sys.AT_FDCWD, mountPoint + "/cgroup.controllers"));

    /// <summary>Parses the texts of procfs.</summary>
    /// <param name="mountInfo">The text of /proc/self/mountinfo.</param>
    /// <param name="ownCgroups">The text of /proc/self/cgroup.</param>
    /// <param name="readControllers">Gives the text of <c>cgroup.controllers</c> in the folder where cgroup2 is mounted.</param>
    public static CgroupLayout Parse(ReadOnlySpan<byte> mountInfo, ReadOnlySpan<byte> ownCgroups, Func<string, byte[]> readControllers)
    {
        List<CgroupMount> mounts = CgroupMounts(mountInfo);
        var hierarchies = new List<CgroupHierarchy>(16);
        while (MountInfoText.NextLine(ref ownCgroups, out ReadOnlySpan<byte> line))
        {
            int first = line.IndexOf((byte)':');
            int second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second < 0)
                continue;
            string list = Encoding.UTF8.GetString(line.Slice(first + 1, second));
            string path = Encoding.UTF8.GetString(line[(first + second + 2)..]);
            if (Choose(mounts, list, path) is not { } mount)
                continue; // a hierarchy that is not mounted here cannot be used

            string[] names = mount.IsV2 ? Words(readControllers(mount.Point)) : list.Split(',');
            hierarchies.Add(new CgroupHierarchy(mount.IsV2, names, mount.Point, Beneath(mount.Root, path) ?? ""));
        }
        return new CgroupLayout([.. hierarchies]);
    }

    private readonly record struct CgroupMount(bool IsV2, string Root, string Point, string Options);

    private static List<CgroupMount> CgroupMounts(ReadOnlySpan<byte> text)
    {
        // 36 35 98:0 /root /point rw,noatime master:1 - cgroup cgroup rw,memory
        var mounts = new List<CgroupMount>(16);
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            int dash = line.IndexOf(" - cgroup"u8);
            if (dash < 0)
                continue;
            ReadOnlySpan<byte> tail = line[(dash + 3)..];
            ReadOnlySpan<byte> type = MountInfoText.NextField(ref tail);
            bool v2 = type.SequenceEqual("cgroup2"u8);
            if (!v2 && !type.SequenceEqual("cgroup"u8))
                continue;
            MountInfoText.NextField(ref tail); // the source
            for (int skip = 0; skip < 3; skip++)
                MountInfoText.NextField(ref line);
            string root = MountInfoText.Unescape(MountInfoText.NextField(ref line));
            string point = MountInfoText.Unescape(MountInfoText.NextField(ref line));
            mounts.Add(new CgroupMount(v2, root, point, v2 ? "" : MountInfoText.Unescape(tail)));
        }
        return mounts;
    }

    /// <summary>The mount of a hierarchy; of several the first that shows the caller's own cgroup.</summary>
    private static CgroupMount? Choose(List<CgroupMount> mounts, string list, string ownPath)
    {
        int comma = list.IndexOf(',');
        ReadOnlySpan<char> controller = comma < 0 ? list : list.AsSpan(0, comma);
        CgroupMount? chosen = null;
        foreach (CgroupMount mount in mounts)
        {
            if (mount.IsV2 != (list.Length == 0) || (!mount.IsV2 && !HasOption(mount.Options, controller)))
                continue;
            if (Beneath(mount.Root, ownPath) is not null)
                return mount;
            chosen ??= mount;
        }
        return chosen;
    }

    private static bool HasOption(ReadOnlySpan<char> options, ReadOnlySpan<char> option)
    {
        foreach (Range range in options.Split(','))
        {
            if (options[range].SequenceEqual(option))
                return true;
        }
        return false;
    }

    /// <summary>What is left of a cgroup's path beneath a mount's root: empty or <c>/a/b</c>; null when it is not beneath.</summary>
    private static string? Beneath(string root, string path)
    {
        if (path == "/.." || path.StartsWith("/../", StringComparison.Ordinal))
            return null; // outside of the caller's cgroup namespace
        string prefix = root == "/" ? "" : root;
        if (!path.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        string rest = path[prefix.Length..];
        if (rest.Length > 0 && rest[0] != '/')
            return null;
        return rest == "/" ? "" : rest;
    }

    private static string[] Words(byte[] text) =>
        Encoding.UTF8.GetString(text).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
