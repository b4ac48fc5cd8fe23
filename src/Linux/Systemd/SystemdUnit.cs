namespace Rundlet.Linux.Systemd;

/// <summary>The scope of a container: where <c>cgroupsPath</c> in systemd's form puts it.</summary>
/// <param name="Slice">The slice it is in, with <c>.slice</c>.</param>
/// <param name="Name">The unit's name, with <c>.scope</c>.</param>
public readonly record struct SystemdUnit(string Slice, string Name)
{
    private const int MaxName = 255; // unit names, systemd.unit(5)

    /// <summary>Reads <c>slice:prefix:name</c>; without a path the slice is the manager's usual one and the name the container's id.</summary>
    /// <param name="cgroupsPath">The path of the spec, or null.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="isUser">Whether the user's own manager is asked.</param>
    /// <exception cref="ContainerException">It has another form.</exception>
    public static SystemdUnit Parse(string? cgroupsPath, string id, bool isUser)
    {
        string usual = isUser ? "user.slice" : "system.slice";
        if (string.IsNullOrEmpty(cgroupsPath))
            return new SystemdUnit(usual, Checked($"runcs-{id}.scope", cgroupsPath));
        string[] parts = cgroupsPath.Split(':');
        if (parts.Length != 3 || cgroupsPath.Contains('/') || parts[2].Length == 0)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"{cgroupsPath}\" instead")
            {
                Hint = "the engine and the runtime must use the same cgroup manager",
            };
        }
        string slice = parts[0].Length == 0 ? usual : parts[0];
        _ = PathOf(slice); // refuses what is no slice
        return new SystemdUnit(slice, Checked(parts[1].Length == 0 ? $"{parts[2]}.scope" : $"{parts[1]}-{parts[2]}.scope", cgroupsPath));
    }

    /// <summary>The cgroup's path beneath the manager's own: <c>/a.slice/a-b.slice/NAME.scope</c>.</summary>
    public string CgroupPath => $"{PathOf(Slice)}/{Name}";

    /// <summary><c>a-b.slice</c> lies in <c>a.slice</c>: systemd.slice(5). Empty for the root slice.</summary>
    /// <exception cref="ContainerException">It is no name of a slice.</exception>
    internal static string PathOf(string slice)
    {
        const string Suffix = ".slice";
        if (slice == "-.slice")
            return "";
        string name = slice.EndsWith(Suffix, StringComparison.Ordinal) ? slice[..^Suffix.Length] : "";
        if (name.Length == 0 || slice.Length > MaxName || slice.AsSpan().ContainsAny('/', '\n', '\0') || name[0] == '-' || name[^1] == '-' || name.Contains("--", StringComparison.Ordinal))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid slice name '{slice}' in cgroupsPath");
        string path = "";
        for (int dash = name.IndexOf('-'); dash > 0; dash = name.IndexOf('-', dash + 1))
            path += $"/{name[..dash]}{Suffix}";
        return $"{path}/{slice}";
    }

    private static string Checked(string name, string? path) => name.Length <= MaxName && !name.AsSpan().ContainsAny('/', '\n', '\0')
        ? name
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cgroupsPath '{path}': '{name}' is no name of a unit");
}
