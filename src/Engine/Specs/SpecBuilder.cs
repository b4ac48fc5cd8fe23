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
        bool privileged = options.Security.Privileged;
        Resources resources = options.Resources.ToResources();
        resources.Devices = privileged ? DefaultDevices.AllRules() : DefaultDevices.Rules();
        return new Spec
        {
            OciVersion = OciVersion,
            Process = BuildProcess(inputs, capabilities),
            Root = new Root { Path = "rootfs", Readonly = options.ReadOnly },
            Hostname = HostnameOf(inputs),
            Mounts = DefaultMounts.For(inputs),
            Annotations = new Dictionary<string, string>(LabelsOf(inputs)),
            Linux = new LinuxSpec
            {
                CgroupsPath = CgroupsPathOf(inputs.Id),
                Namespaces = Namespaces(options),
                Resources = resources,
                Devices = privileged ? DefaultDevices.OfHost() : null,
                Seccomp = SeccompChoice.For(options.Security, capabilities),
                MaskedPaths = privileged ? [] : DefaultPaths.Masked(inputs.Processors),
                ReadonlyPaths = privileged ? [] : DefaultPaths.ReadOnly(),
            },
        };
    }

    /// <summary>The cgroup of a container, from where each hierarchy is mounted.</summary>
    public static string CgroupsPathOf(string id) => $"/rundlet/{id}";

    /// <summary>A container's host name.</summary>
    public static string HostnameOf(SpecInputs inputs) =>
        inputs.Options.Hostname ?? (inputs.Options.Network == "host" ? inputs.HostName : inputs.ShortId);

    /// <summary>The image's labels and the user's, which win.</summary>
    public static IReadOnlyDictionary<string, string> LabelsOf(SpecInputs inputs)
    {
        var labels = new Dictionary<string, string>(inputs.Image.Labels ?? []);
        foreach ((string key, string value) in inputs.Options.Labels)
            labels[key] = value;
        return labels;
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
            Args = ArgumentsOf(options, inputs.Image),
            Env = EnvironmentOf(inputs),
            Cwd = WorkingFolderOf(inputs),
            Capabilities = DefaultCapabilities.ToSpec(capabilities),
            Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = SoftFiles, Hard = HardFiles }],
            NoNewPrivileges = options.Security.NoNewPrivileges,
            ApparmorProfile = options.Security.Privileged ? null : options.Security.Apparmor,
            OomScoreAdj = 0,
        };
    }

    private static List<string> EnvironmentOf(SpecInputs inputs)
    {
        List<string> own = [DefaultPath, $"HOSTNAME={HostnameOf(inputs)}", $"HOME={inputs.Home}"];
        if (inputs.Options.Terminal)
            own.Add("TERM=xterm");
        List<string> all = EnvironmentOption.Merge(own, inputs.Image.Env ?? [], inputs.Options.Environment);
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

    private static List<Namespace> Namespaces(ContainerOptions options)
    {
        List<Namespace> namespaces = [new() { Type = "mount" }, new() { Type = "uts" }, new() { Type = "pid" }, new() { Type = "ipc" }, new() { Type = "cgroup" }];
        if (options.Network != "host")
            namespaces.Add(new Namespace { Type = "network" });
        return namespaces;
    }
}
