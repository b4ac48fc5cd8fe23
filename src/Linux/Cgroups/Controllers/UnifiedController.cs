
namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>Files of cgroup v2 that the caller names itself.</summary>
internal static class UnifiedController
{
    /// <summary>Writes them, a line at a time, as <c>io.max</c> and its like want.</summary>
    public static void Apply(CgroupFolders folders, IReadOnlyDictionary<string, string>? settings)
    {
        if (settings is null || settings.Count == 0)
            return;
        foreach ((string file, string value) in settings)
        {
            string setting = $"unified '{file}'";
            if (folders.Unified is not { } folder)
                throw new ContainerException(ContainerErrorKind.Unsupported, $"{setting}: no cgroup v2 is mounted");
            if (file.Contains('/') || !file.Contains('.'))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{setting}: not the name of a cgroup file");
            if (file.StartsWith("cgroup.", StringComparison.Ordinal) && file is not ("cgroup.max.depth" or "cgroup.max.descendants" or "cgroup.pressure"))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{setting}: is the runtime's own");
            foreach (string line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                folder.Write(file, line, setting);
        }
    }
}
