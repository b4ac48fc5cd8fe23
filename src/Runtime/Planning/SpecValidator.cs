using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// What a well-formed spec may still get wrong: the MUSTs of config.md and config-linux.md that JSON types cannot
/// express. Runs before anything is made.
/// </summary>
internal static partial class SpecValidator
{
    /// <summary>Checks a spec for create.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/> or <see cref="ContainerErrorKind.Unsupported"/>, naming the member.</exception>
    public static void Validate(Spec spec)
    {
        if (spec.Linux is null)
            throw Invalid("linux", "is missing");
        if (spec.Root is null || spec.Root.Path.Length == 0)
            throw Invalid("root.path", "is missing");
        if (spec.Process is null)
            throw Invalid("process", "is missing");
        ValidateNamespaces(spec);
        ValidateMounts(spec);
        ValidateMappings(spec.Linux);
        ValidateProcess(spec.Process);
        ValidateLinux(spec.Linux, spec.Process);
        ValidateSeccomp(spec.Linux.Seccomp);
        if (spec.Hooks is { } hooks)
            HookRules.Validate(hooks);
        if (spec.Linux.IntelRdt is { } rdt)
            RdtPlan.Validate(rdt);
    }

    /// <summary>Checks a process for create or exec.</summary>
    /// <exception cref="ContainerException">As for <see cref="Validate"/>.</exception>
    public static void ValidateProcess(Process process)
    {
        if (process.Args is not { Count: > 0 })
            throw Invalid("process.args", "must name a program");
        if (process.Args[0].Length == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "exec: \"\": executable file not found in $PATH"); // as engines look for it
        if (process.Cwd.Length == 0 || process.Cwd[0] != '/')
            throw Invalid("process.cwd", $"must be an absolute path, not '{process.Cwd}'");
        HashSet<string> limits = [];
        foreach (Rlimit limit in process.Rlimits ?? [])
        {
            if (RlimitTable.NumberOf(limit.Type) < 0)
                throw Invalid("process.rlimits", $"has the unknown type '{limit.Type}'");
            if (!limits.Add(limit.Type))
                throw Invalid("process.rlimits", $"has '{limit.Type}' twice");
            if (limit.Soft > limit.Hard)
                throw Invalid("process.rlimits", $"has a soft limit above the hard one for '{limit.Type}'");
        }
        if (process.OomScoreAdj is < -1000 or > 1000)
            throw Invalid("process.oomScoreAdj", $"must lie between -1000 and 1000, not {process.OomScoreAdj}");
        foreach (string variable in process.Env ?? [])
        {
            if (variable.IndexOf('=') <= 0)
                throw Invalid("process.env", $"must be NAME=value, not '{variable}'");
        }
        if (process.User.Uid == uint.MaxValue || process.User.Gid == uint.MaxValue)
            throw Invalid("process.user", "must not be 4294967295, which the kernel reads as \"unchanged\"");
        ValidateAttributes(process);
    }

    private static void ValidateNamespaces(Spec spec)
    {
        ulong seen = 0;
        foreach (Namespace item in spec.Linux!.Namespaces ?? [])
        {
            ulong flag = NamespaceTable.FlagOf(item.Type);
            if (flag == 0)
                throw Invalid("linux.namespaces", $"has the unknown type '{item.Type}'");
            if ((seen & flag) != 0)
                throw Invalid("linux.namespaces", $"has '{item.Type}' twice");
            if (item.Path is { Length: > 0 } && item.Path[0] != '/')
                throw Invalid("linux.namespaces", $"has the relative path '{item.Path}'");
            seen |= flag;
        }
        if (spec.Hostname is { Length: > 0 } && (seen & NamespaceTable.FlagOf("uts")) == 0)
            throw Invalid("hostname", "needs a uts namespace of the container's own");
        if (spec.Hostname is { Length: > 64 })
            throw Invalid("hostname", "is longer than the 64 bytes that the kernel takes");
        if (spec.Domainname is { Length: > 0 } && (seen & NamespaceTable.FlagOf("uts")) == 0)
            throw Invalid("domainname", "needs a uts namespace of the container's own");
        if ((seen & NamespaceTable.FlagOf("mount")) == 0)
            throw new ContainerException(ContainerErrorKind.Unsupported, "linux.namespaces has no mount namespace");
    }

    private static void ValidateMounts(Spec spec)
    {
        foreach (Mount mount in spec.Mounts ?? [])
            ValidateMount(mount);
        foreach (string path in spec.Linux!.MaskedPaths ?? [])
            RequireAbsolute("linux.maskedPaths", path);
        foreach (string path in spec.Linux.ReadonlyPaths ?? [])
            RequireAbsolute("linux.readonlyPaths", path);
        if (spec.Linux.RootfsPropagation is { Length: > 0 } propagation && MountOptions.PropagationOf(propagation) is null)
            throw Invalid("linux.rootfsPropagation", $"has the unknown value '{propagation}'");
        foreach (Device device in spec.Linux.Devices ?? [])
        {
            RequireAbsolute("linux.devices", device.Path);
            if (device.Type is not ("b" or "c" or "u" or "p"))
                throw Invalid("linux.devices", $"has the unknown type '{device.Type}' for '{device.Path}'");
        }
    }

    /// <summary>Checks a mount for create, or for one that is added to a running container.</summary>
    /// <exception cref="ContainerException">As for <see cref="Validate"/>.</exception>
    public static void ValidateMount(Mount mount)
    {
        if (mount.Destination.Length == 0)
            throw Invalid("mounts", "has an empty destination");
        if (MountPlanner.Normal(mount.Destination) == "/" && !MountOptions.Parse(mount.Options).Remount)
            throw Invalid("mounts", $"has the destination '{mount.Destination}', where the root file system is: it belongs into root.path");
        ValidateRanges(mount.UidMappings, $"mounts: uidMappings of '{mount.Destination}'");
        ValidateRanges(mount.GidMappings, $"mounts: gidMappings of '{mount.Destination}'");
    }

    private static void ValidateMappings(LinuxSpec linux)
    {
        bool user = false;
        foreach (Namespace item in linux.Namespaces ?? [])
            user |= item.Type == "user" && string.IsNullOrEmpty(item.Path);
        bool mapped = linux.UidMappings is { Count: > 0 } || linux.GidMappings is { Count: > 0 };
        if (mapped && (NamespaceTable.FlagsOf(linux.Namespaces) & NamespaceTable.FlagOf("user")) == 0)
            throw Invalid("linux.uidMappings", "needs a user namespace of the container's own");
        if (user && (linux.UidMappings is not { Count: > 0 } || linux.GidMappings is not { Count: > 0 }))
            throw Invalid("linux.uidMappings", "and linux.gidMappings must each map at least one id for a new user namespace");
        ValidateRanges(linux.UidMappings, "linux.uidMappings");
        ValidateRanges(linux.GidMappings, "linux.gidMappings");
    }

    private static void ValidateSeccomp(Seccomp? seccomp)
    {
        if (seccomp is { ListenerMetadata.Length: > 0, ListenerPath: null or "" })
            throw Invalid("linux.seccomp.listenerMetadata", "needs a listenerPath");
        foreach (SeccompRule rule in seccomp?.Syscalls ?? [])
        {
            if (rule.Names.Count == 0)
                throw Invalid("linux.seccomp.syscalls", "has a rule without names");
        }
    }

    private static void ValidateRanges(List<IdMapping>? mappings, string member)
    {
        foreach (IdMapping mapping in mappings ?? [])
        {
            if (mapping.Size == 0 || (ulong)mapping.ContainerId + mapping.Size > uint.MaxValue || (ulong)mapping.HostId + mapping.Size > uint.MaxValue)
                throw Invalid(member, $"has the impossible range {mapping.ContainerId} {mapping.HostId} {mapping.Size}");
        }
    }

    private static void RequireAbsolute(string member, string path)
    {
        if (path.Length == 0 || path[0] != '/')
            throw Invalid(member, $"must hold absolute paths, not '{path}'");
    }

    private static ContainerException Invalid(string member, string what) => new(ContainerErrorKind.InvalidArgument, $"{member} {what}");
}
