using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Cdi;

/// <summary>Changes a spec as the devices of a container ask.</summary>
internal static class CdiInjection
{
    /// <summary>Changes it.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="names">The devices, as the user wrote them.</param>
    /// <param name="registry">Where they are described.</param>
    /// <exception cref="ContainerException">A device is not described, or what it needs is not there; names the file and the device.</exception>
    public static void Apply(Spec spec, IReadOnlyList<string> names, CdiRegistry registry)
    {
        HashSet<string> files = [], devices = [];
        foreach (string text in names)
        {
            CdiName name = CdiName.Parse(text);
            CdiFile file = registry.Find(name);
            if (!devices.Add(text))
                continue;
            try
            {
                if (files.Add(file.Path))
                    Apply(spec, file.Edits);
                Apply(spec, file.Devices[name.Device]);
            }
            catch (Exception e) when (e is ContainerException or LinuxException)
            {
                throw new ContainerException((e as ContainerException)?.Kind ?? ContainerErrorKind.Unavailable, $"device '{name}' of '{file.Path}'", e);
            }
        }
        spec.Mounts = [.. (spec.Mounts ?? []).OrderBy(mount => mount.Destination.Count('/'))];
    }

    private static void Apply(Spec spec, CdiEdits edits)
    {
        Process process = spec.Process!;
        LinuxSpec linux = spec.Linux!;
        process.Env = EnvironmentOption.Merge(process.Env ?? [], edits.Environment);
        foreach (CdiNode node in edits.Nodes)
            Add(node, process.User, linux);
        foreach ((string host, string name) in edits.NetDevices)
            (linux.NetDevices ??= [])[host] = new NetDevice { Name = name };
        foreach (Mount mount in edits.Mounts)
        {
            spec.Mounts!.RemoveAll(other => other.Destination == mount.Destination);
            spec.Mounts.Add(mount);
        }
        foreach ((string point, Hook hook) in edits.Hooks)
            PointOf(spec.Hooks ??= new Hooks(), point).Add(hook);
        if (edits.AdditionalGids.Count > 0)
            process.User.AdditionalGids = [.. (process.User.AdditionalGids ?? []).Union(edits.AdditionalGids)];
        linux.IntelRdt = edits.IntelRdt ?? linux.IntelRdt;
    }

    private static void Add(CdiNode node, User user, LinuxSpec linux)
    {
        (string type, long major, long minor) = node is { Type: { } known, Major: { } first, Minor: { } second }
            ? (known, first, second)
            : HostDevice.TryFind(node.HostPath) is { } found ? (found.Type, found.Major, found.Minor) : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{node.HostPath}' is no device");
        (linux.Devices ??= []).RemoveAll(other => other.Path == node.Path);
        linux.Devices.Add(new Device
        {
            Path = node.Path,
            Type = type,
            Major = major,
            Minor = minor,
            FileMode = node.FileMode,
            Uid = node.Uid ?? (user.Uid > 0 ? user.Uid : null),
            Gid = node.Gid ?? (user.Gid > 0 ? user.Gid : null),
        });
        if (type is "b" or "c")
            linux.Resources!.Devices!.Add(new DeviceRule { Allow = true, Type = type, Major = major, Minor = minor, Access = node.Permissions });
    }

    private static List<Hook> PointOf(Hooks hooks, string point) => point switch
    {
        "prestart" => hooks.Prestart ??= [],
        "createRuntime" => hooks.CreateRuntime ??= [],
        "createContainer" => hooks.CreateContainer ??= [],
        "startContainer" => hooks.StartContainer ??= [],
        "poststart" => hooks.Poststart ??= [],
        _ => hooks.Poststop ??= [],
    };
}
