using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary>
/// <c>exec --cgroup [CONTROLLER[,CONTROLLER]:]PATH</c>: a cgroup beneath the container's, which must be there. Without
/// controllers it is meant in every hierarchy; with v2 there is but one, and none may be named.
/// </summary>
internal static class ExecCgroup
{
    /// <summary>The cgroup for the new process.</summary>
    /// <exception cref="ContainerException">A value is wrong.</exception>
    public static Cgroup Open(ContainerHandle container, Arguments arguments)
    {
        IReadOnlyList<string> values = arguments.Values("cgroup");
        if (values.Count == 0)
            return container.OpenCgroup();
        Dictionary<string, string> paths = new(container.State?.CgroupPaths ?? []);
        foreach (string value in values)
        {
            int colon = value.IndexOf(':');
            string beneath = Beneath(colon < 0 ? value : value[(colon + 1)..]);
            if (colon < 0)
            {
                foreach (string controller in container.State!.CgroupPaths.Keys)
                    paths[controller] = container.State.CgroupPaths[controller] + beneath;
                continue;
            }
            foreach (string controller in value[..colon].Split(','))
            {
                if (controller.Length == 0 || !paths.ContainsKey(controller))
                    throw Wrong($"the container has no cgroup of a controller '{controller}'");
                paths[controller] = container.State!.CgroupPaths[controller] + beneath;
            }
        }
        foreach (string path in paths.Values)
        {
            if (!Directory.Exists(path))
                throw Wrong($"no cgroup '{path}'");
        }
        return Cgroup.FromPaths(paths);
    }

    private static string Beneath(string path)
    {
        string clean = "";
        foreach (string part in path.Split('/'))
        {
            if (part == "..")
                throw Wrong($"'{path}' leads out of the container's cgroup");
            if (part is not ("" or "."))
                clean += "/" + part;
        }
        return clean;
    }

    private static ContainerException Wrong(string why) => new(ContainerErrorKind.InvalidArgument, $"--cgroup: {why}");
}
