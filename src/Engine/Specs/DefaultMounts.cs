using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Specs;

/// <summary>Mounts of every container, and those that the user asked for.</summary>
internal static class DefaultMounts
{
    private const long SharedMemoryBytes = 64 << 20;

    private static readonly string[] s_scratch = ["/run", "/tmp", "/var/tmp"];

    /// <summary>All mounts in the order they are made: what lies deeper comes later.</summary>
    public static List<Mount> For(SpecInputs inputs)
    {
        ContainerOptions options = inputs.Options;
        string kernel = options.Security.Privileged ? "rw" : "ro";
        List<Mount> mounts =
        [
            Make("/proc", "proc", "proc", ["nosuid", "noexec", "nodev", .. options.Security.ProcOptions]),
            Make("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            Make("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            Make("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", kernel),
            Make("/sys/fs/cgroup", "cgroup", "cgroup", kernel, "nosuid", "noexec", "nodev"),
            Make("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        ];
        if (options.Namespaces.Ipc == "host")
            mounts.Add(Make("/dev/shm", "bind", "/dev/shm", "rbind", "nosuid", "noexec", "nodev"));
        else if (NamespaceOptions.ContainerOf(options.Namespaces.Ipc) is { } other)
            mounts.Add(Make("/dev/shm", "bind", JoinedNamespace.PathOf(other, JoinedNamespace.SharedMemory), "bind", "nosuid", "noexec", "nodev"));
        else if (options.Namespaces.Ipc != "none")
            mounts.Add(Make("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={options.SharedMemory ?? SharedMemoryBytes}"));
        foreach (string path in options is { ReadOnly: true, ReadOnlyTmpfs: true } ? s_scratch : [])
            mounts.Add(Make(path, "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777"));
        if (SystemdMode.IsWanted(options, inputs.Image))
            SystemdMode.Apply(mounts);
        foreach ((string destination, string source) in inputs.Files)
            mounts.Add(Bind(inputs, destination, source, ["rbind", "rprivate"]));
        if (inputs.InitProgram is { } init)
            mounts.Add(Make(ReaperProgram.Path, "bind", init, "bind", "ro", "nosuid", "nodev"));
        foreach (MountOption option in options.Mounts)
        {
            mounts.RemoveAll(mount => mount.Destination == option.Destination);
            mounts.Add(option.Kind switch
            {
                MountKind.Bind => Bind(inputs, option.Destination, option.Source, option.Options),
                MountKind.Image => Make(option.Destination, "bind", option.Source, [.. option.Options]), // by name: the supervisor opens its layers
                MountKind.Volume => Bind(inputs, option.Destination, inputs.VolumeData(option.Source), option.Options),
                _ => Make(option.Destination, "tmpfs", "tmpfs", [.. option.Options]),
            });
        }
        foreach ((int number, SecretOption secret) in options.Secrets.Index())
        {
            mounts.RemoveAll(mount => mount.Destination == secret.Target);
            mounts.Add(Bind(inputs, secret.Target, ContainerSecrets.PathOf(inputs.RunFolder, number), ["bind", "ro", "nosuid", "nodev", "noexec"]));
        }
        // A stable sort: mounts of one depth stay in the order the user gave.
        return [.. mounts.OrderBy(mount => mount.Destination.Count('/'))];
    }

    // Who is root in the container is root in what is bound, too.
    private static Mount Bind(SpecInputs inputs, string destination, string source, IReadOnlyList<string> options) =>
        Make(destination, "bind", source, [.. options, .. inputs.Ids is null ? (string[])[] : [options.Contains("rbind") ? "ridmap" : "idmap"]]);

    private static Mount Make(string destination, string type, string source, params List<string> options) =>
        new() { Destination = destination, Type = type, Source = source, Options = options };
}
