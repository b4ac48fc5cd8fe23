using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

/// <summary>The flags of <c>run</c>, and the options that they make.</summary>
internal static class RunOptions
{
    /// <summary>All flags, grouped.</summary>
    public static readonly IReadOnlyList<Option> All =
    [
        .. Option.Under(
            "Container",
            new("detach", 'd', null, "leave it running and print its id"),
            new("pull", null, "missing|always|never", "when to pull the image first (default missing)"),
            new("platform", null, "OS/ARCH[/VARIANT]", "the image for this platform (default: this machine's)"),
            new("quiet", 'q', null, "do not show how a pull goes on"),
            new("rm", null, null, "remove it when it ends"),
            new("name", null, "NAME", "name it (default: one is made up)"),
            new("interactive", 'i', null, "keep standard input open"),
            new("tty", 't', null, "give it a terminal"),
            new("entrypoint", null, "PROGRAM", "run this in place of the image's program"),
            new("env", 'e', "NAME[=VALUE]", "set a variable; without a value, take yours"),
            new("env-file", null, "FILE", "set the variables in a file"),
            new("workdir", 'w', "FOLDER", "start in this folder"),
            new("user", 'u', "USER[:GROUP]", "run as this user, by name or number"),
            new("hostname", 'h', "NAME", "host name (default: the short id)"),
            new("label", 'l', "KEY[=VALUE]", "attach metadata"),
            new("stop-signal", null, "SIGNAL", "signal of 'stop' (default: the image's, or SIGTERM)"),
            new("stop-timeout", null, "SECONDS", "how long 'stop' waits before it kills (default 10)")),
        .. Option.Under(
            "Resources",
            new("memory", 'm', "SIZE", "memory limit, as in 128m; at least 6m"),
            new("memory-swap", null, "SIZE", "limit of memory and swap together; -1 for none (default: twice the memory)"),
            new("cpus", null, "NUMBER", "how many CPUs' time it may use, as in 1.5"),
            new("cpu-shares", 'c', "WEIGHT", "CPU weight against others, 2 to 262144 (usual: 1024)"),
            new("pids-limit", null, "NUMBER", "how many processes and threads it may have; -1 for no limit")),
        .. Option.Under(
            "Storage",
            new("volume", 'v', "SOURCE:PATH[:ro]", "show a file or folder of the host at a path"),
            new("mount", null, "FIELDS", "type=bind|tmpfs,source=…,target=…[,readonly][,tmpfs-size=…]"),
            new("tmpfs", null, "PATH[:OPTIONS]", "memory file system, as in /tmp:size=64m"),
            new("read-only", null, null, "make the root file system read-only")),
        .. Option.Under(
            "Network",
            new("network", null, "bridge|none|host", "which network (default bridge)"),
            new("publish", 'p', "[IP:][PORT:]PORT[/udp]", "lead a port of the host to one of the container's")),
        .. Option.Under(
            "Security",
            new("cap-add", null, "CAPABILITY", "give a capability, or ALL"),
            new("cap-drop", null, "CAPABILITY", "take a capability, or ALL"),
            new("privileged", null, null, "give nearly everything that root may do"),
            new("security-opt", null, "OPTION", "seccomp=FILE|unconfined, apparmor=PROFILE, no-new-privileges")),
    ];

    /// <summary>Reads them.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Read(Arguments arguments)
    {
        return new ContainerOptions
        {
            Image = arguments.Words[0],
            Command = arguments.Words[1..],
            Entrypoint = arguments.Value("entrypoint") is { } program ? program.Length == 0 ? [] : [program] : null,
            Name = arguments.Value("name"),
            Hostname = arguments.Value("hostname"),
            Terminal = arguments.Has("tty"),
            OpenStdin = arguments.Has("interactive"),
            AutoRemove = arguments.Has("rm"),
            Environment = EnvironmentOption.Merge(
                arguments.Values("env-file").SelectMany(EnvironmentOption.ReadFile), arguments.Values("env").Select(EnvironmentOption.Parse).OfType<string>()),
            User = arguments.Value("user"),
            WorkingFolder = arguments.Value("workdir"),
            Labels = Labels(arguments.Values("label")),
            Resources = Resources(arguments),
            Mounts =
            [
                .. arguments.Values("volume").Select(MountOption.ParseVolume),
                .. arguments.Values("mount").Select(MountOption.ParseMount),
                .. arguments.Values("tmpfs").Select(MountOption.ParseTmpfs),
            ],
            ReadOnly = arguments.Has("read-only"),
            Security = new SecurityOptions
            {
                Privileged = arguments.Has("privileged"),
                CapAdd = arguments.Values("cap-add"),
                CapDrop = arguments.Values("cap-drop"),
            }.With(arguments.Values("security-opt")),
            Network = arguments.Value("network") ?? "bridge",
            Ports = arguments.Values("publish"),
            StopSignal = arguments.Value("stop-signal"),
            StopTimeout = (int)(arguments.Number("stop-timeout", -1, int.MaxValue / 1000) ?? 10),
        };
    }

    private static ResourceOptions Resources(Arguments arguments) => new()
    {
        Memory = arguments.Value("memory") is { } memory ? Quantity.ParseBytes(memory, "memory limit") : null,
        MemorySwap = arguments.Value("memory-swap") is { } swap ? Quantity.ParseBytesOrNone(swap, "memory and swap limit") : null,
        NanoCpus = arguments.Value("cpus") is { } cpus ? Quantity.ParseCpus(cpus) : null,
        CpuShares = arguments.Number("cpu-shares"),
        PidsLimit = arguments.Number("pids-limit"),
    };

    private static Dictionary<string, string> Labels(IReadOnlyList<string> values)
    {
        Dictionary<string, string> labels = [];
        foreach (string value in values)
        {
            int equals = value.IndexOf('=');
            if (value.Length == 0 || equals == 0)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid label '{value}': no key");
            labels[equals < 0 ? value : value[..equals]] = equals < 0 ? "" : value[(equals + 1)..];
        }
        return labels;
    }
}
