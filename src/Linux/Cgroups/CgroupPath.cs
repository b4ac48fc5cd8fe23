using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>The rule that turns <c>cgroupsPath</c> of the OCI specification into a folder of each hierarchy.</summary>
internal static class CgroupPath
{
    private const int WriteAccess = 2; // W_OK of unistd.h

    /// <summary>Puts a path into a normal form: parts with one slash between, a slash in front when it was absolute.</summary>
    /// <exception cref="ContainerException"><c>..</c>, or nothing left.</exception>
    public static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part == ".." || part.AsSpan().ContainsAny('\n', '\0'))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cgroups path '{path}': must not leave its parent");
            parts.Add(part);
        }
        if (parts.Count == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cgroups path '{path}': names no cgroup");
        return (path[0] == '/' ? "/" : "") + string.Join('/', parts);
    }

    /// <summary>
    /// The folder in one hierarchy. An absolute path starts where the hierarchy is mounted, another one at the
    /// caller's own cgroup. On v2 with controllers the caller's own cgroup has a process, the caller, and so cannot
    /// hand controllers on to children: there a relative path starts at its parent, unless nothing but the caller's own
    /// was delegated to them.
    /// </summary>
    public static string Resolve(CgroupHierarchy hierarchy, string normalized)
    {
        if (normalized[0] == '/')
            return hierarchy.MountPoint + normalized;
        string own = hierarchy.OwnPath;
        if (hierarchy.IsV2 && hierarchy.Names.Count > 0 && own.Length > 0)
        {
            string above = own[..own.LastIndexOf('/')];
            if (Sys.geteuid() == 0 || MayMakeIn(hierarchy.MountPoint + above) || !MayMakeIn(hierarchy.MountPoint + own))
                own = above;
        }
        return $"{hierarchy.MountPoint}{own}/{normalized}";
    }

    private static bool MayMakeIn(string folder) => Sys.faccessat2(Sys.AT_FDCWD, folder, WriteAccess, AT.EACCESS) == 0;
}
