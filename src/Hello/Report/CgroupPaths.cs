namespace Rundlet.Hello.Report;

/// <summary>
/// Where the control files of this process are, for each controller: cgroups(7). A controller belongs to a version 1 hierarchy,
/// to the version 2 hierarchy, or is not to be seen at all; a hybrid host has some of each.
/// </summary>
internal sealed class CgroupPaths
{
    private readonly SystemFiles _files;
    private readonly Dictionary<string, string> _version1 = [];
    private string? _version2;

    private CgroupPaths(SystemFiles files) => _files = files;

    /// <summary>The lines of /proc/self/cgroup as (controllers, path); the version 2 hierarchy is "unified".</summary>
    public IReadOnlyList<(string Controllers, string Path)> Memberships { get; private set; } = [];

    public static CgroupPaths Find(SystemFiles files, IReadOnlyList<MountEntry> mounts)
    {
        var paths = new CgroupPaths(files);
        var memberships = new List<(string, string)>();
        foreach (string line in files.ReadLines("/proc/self/cgroup"))
        {
            if (line.Split(':', 3) is not [_, var controllers, var path])
                continue;
            memberships.Add((controllers.Length == 0 ? "unified" : controllers, path));
            if (controllers.Length == 0)
                paths._version2 = Folder(mounts.FirstOrDefault(mount => mount.Type == "cgroup2"), path);
            foreach (string controller in controllers.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (Folder(mounts.FirstOrDefault(mount => mount.Type == "cgroup" && mount.HasSuperOption(controller)), path) is { } folder)
                    paths._version1[controller] = folder;
            }
        }
        paths.Memberships = memberships;
        return paths;
    }

    /// <summary>The first line of a version 1 control file, or null where the controller is not mounted or has no such file.</summary>
    public string? ReadVersion1(string controller, string file) =>
        _version1.TryGetValue(controller, out string? folder) ? _files.TryReadLine($"{folder}/{file}") : null;

    /// <summary>The first line of a version 2 control file, or null.</summary>
    public string? ReadVersion2(string file) => _version2 is null ? null : _files.TryReadLine($"{_version2}/{file}");

    /// <summary>Why a control file could not be read: its controller is nowhere, or only in the root cgroup, which has no limits.</summary>
    public string WhyMissing(string controller) =>
        _version1.ContainsKey(controller) || ReadVersion2("cgroup.controllers")?.Split(' ').Contains(controller) == true
            ? "none: this is the root cgroup"
            : "unknown: controller not mounted";

    // A path that the mount does not reach (a mount of a part of the hierarchy, or a cgroup namespace made after joining) leaves the mount itself.
    private static string? Folder(MountEntry? mount, string path)
    {
        if (mount is null)
            return null;
        string root = mount.Root.TrimEnd('/');
        bool reached = path.StartsWith(root + "/", StringComparison.Ordinal) && !path.Contains("/..", StringComparison.Ordinal);
        return mount.Target.TrimEnd('/') + (reached ? path[root.Length..].TrimEnd('/') : "");
    }
}
