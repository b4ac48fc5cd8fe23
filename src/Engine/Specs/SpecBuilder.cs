using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;

namespace Rundlet.Engine.Specs;

/// <summary>From what the user and the image say to a spec, with Docker's defaults where they say nothing.</summary>
public static class SpecBuilder
{
    /// <summary>The version of the runtime specification that specs keep to.</summary>
    public const string OciVersion = "1.2.0";

    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const string DefaultCgroupParent = "/rundlet";
    private const uint DefaultUmask = 0x12; // 022

    // The engine's own limits are those of whoever called it; a container's must not depend on that.
    private const ulong SoftFiles = 1024;
    private const ulong HardFiles = 524_288;

    /// <summary>Builds the spec.</summary>
    /// <exception cref="ContainerException">InvalidArgument: an option is wrong, or there is nothing to run.</exception>
    public static Spec Build(SpecInputs inputs)
    {
        ContainerOptions options = inputs.Options;
        options.Resources.Validate();
        CapabilitySet capabilities = DefaultCapabilities.For(options.Security, inputs.KnownCapabilities);
        List<Namespace> namespaces = NamespaceChoice.For(options);
        LinuxSpec linux = new()
        {
            CgroupsPath = CgroupsPathOf(inputs.Id, options.CgroupParent),
            Namespaces = namespaces,
            UidMappings = inputs.Ids is { } uids ? [new IdMapping { ContainerId = 0, HostId = uids.First, Size = uids.Size }] : null,
            GidMappings = inputs.Ids is { } gids ? [new IdMapping { ContainerId = 0, HostId = gids.First, Size = gids.Size }] : null,
            Resources = options.Resources.ToResources(),
            Sysctl = NamespaceChoice.Sysctls(options, namespaces),
            Seccomp = SeccompChoice.For(options.Security, capabilities),
            MaskedPaths = PathChoice.Masked(options.Security, inputs.Processors),
            ReadonlyPaths = PathChoice.ReadOnly(options.Security),
            MountLabel = options.Security.Selinux.MountLabel,
        };
        DeviceChoice.Apply(options, linux);
        return new Spec
        {
            OciVersion = OciVersion,
            Process = BuildProcess(inputs, capabilities),
            Root = new Root { Path = "rootfs", Readonly = options.ReadOnly },
            Hostname = namespaces.Exists(item => item is { Type: "uts", Path: null }) ? HostnameOf(inputs) : null,
            Domainname = options.Domainname,
            Mounts = DefaultMounts.For(inputs),
            Annotations = options.Annotations.Count > 0 ? new Dictionary<string, string>(options.Annotations) : null,
            Linux = linux,
        };
    }

    /// <summary>The cgroup of a container, from where each hierarchy is mounted.</summary>
    /// <param name="id">The container.</param>
    /// <param name="parent">The cgroup above it; null for ours.</param>
    public static string CgroupsPathOf(string id, string? parent) => $"{parent ?? DefaultCgroupParent}/{id}";

    /// <summary>A container's host name: its own, or that of whose names it shares.</summary>
    public static string HostnameOf(SpecInputs inputs)
    {
        ContainerOptions options = inputs.Options;
        bool isShared = IsShared(options.Network) || IsShared(options.Namespaces.Uts);
        return options.Hostname ?? (isShared ? inputs.HostName : inputs.ShortId);
    }

    /// <summary>Program and arguments: arguments of the user replace those of the image, an entry point of the user replaces both.</summary>
    /// <exception cref="ContainerException">InvalidArgument: neither says what to run.</exception>
    public static List<string> ArgumentsOf(ContainerOptions options, ContainerConfig image)
    {
        IReadOnlyList<string> entrypoint = options.Entrypoint ?? image.Entrypoint ?? [];
        IReadOnlyList<string> command = options.Command.Count > 0 ? options.Command : options.Entrypoint is null ? image.Cmd ?? [] : [];
        List<string> arguments = [.. entrypoint, .. command];
        return arguments.Count > 0
            ? arguments
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, "no command specified")
            {
                Hint = $"image '{options.Image}' names no program: say one behind the image",
            };
    }

    private static Process BuildProcess(SpecInputs inputs, CapabilitySet capabilities)
    {
        ContainerOptions options = inputs.Options;
        User user = inputs.User;
        user.Umask ??= DefaultUmask;
        return new Process
        {
            Terminal = options.Terminal,
            User = user,
            Args = inputs.InitProgram is null ? ArgumentsOf(options, inputs.Image) : ReaperProgram.Before(ArgumentsOf(options, inputs.Image)),
            Env = EnvironmentOf(inputs),
            Cwd = WorkingFolderOf(inputs),
            Capabilities = DefaultCapabilities.ToSpec(capabilities),
            Rlimits = Limits(options),
            NoNewPrivileges = options.Security.NoNewPrivileges,
            ApparmorProfile = options.Security.Privileged ? null : options.Security.Apparmor,
            SelinuxLabel = options.Security.Selinux.ProcessLabel,
            OomScoreAdj = options.OomScoreAdj,
        };
    }

    private static List<string> EnvironmentOf(SpecInputs inputs)
    {
        List<string> own = [DefaultPath, $"HOSTNAME={HostnameOf(inputs)}", $"HOME={inputs.Home}"];
        if (inputs.Options.Terminal)
            own.Add("TERM=xterm");
        if (SystemdMode.IsWanted(inputs.Options, inputs.Image))
            own.AddRange(SystemdMode.Environment(inputs.Id));
        IEnumerable<string> image = (inputs.Image.Env ?? []).Where(variable => !inputs.Options.UnsetEnvironment.Contains(variable.Split('=', 2)[0]));
        List<string> all = EnvironmentOption.Merge(own, image, inputs.Options.Environment);
        foreach (string variable in all)
        {
            if (variable.Contains('\0'))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"environment variable '{variable.Replace('\0', '?')}' holds a NUL byte");
        }
        return all;
    }

    private static string WorkingFolderOf(SpecInputs inputs)
    {
        string folder = inputs.Options.WorkingFolder ?? inputs.Image.WorkingDir ?? "";
        if (folder.Length == 0)
            return "/";
        return folder[0] == '/'
            ? folder
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"working directory '{folder}' is not absolute");
    }

    private static List<Rlimit> Limits(ContainerOptions options)
    {
        List<Rlimit> limits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = SoftFiles, Hard = HardFiles }];
        foreach (Rlimit limit in options.Ulimits.Select(limit => limit.ToSpec()))
        {
            limits.RemoveAll(other => other.Type == limit.Type);
            limits.Add(limit);
        }
        return limits;
    }

    private static bool IsShared(string? mode) => mode == "host" || NamespaceOptions.ContainerOf(mode) is not null;
}
