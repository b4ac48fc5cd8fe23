using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>What a container may do beyond, or less than, the default.</summary>
public sealed record SecurityOptions
{
    /// <summary>Stands for all paths in <see cref="Unmasked"/>.</summary>
    public const string AllPaths = "ALL";

    /// <summary>Nearly everything that root may: all capabilities and devices, nothing masked, no system call filter.</summary>
    public bool Privileged { get; init; }

    /// <summary>Capabilities to add, with or without <c>CAP_</c>, or <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapAdd { get; init => field = value ?? []; } = [];

    /// <summary>Capabilities to drop, with or without <c>CAP_</c>, or <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapDrop { get; init => field = value ?? []; } = [];

    /// <summary>Whether set-user-id programs give no rights.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The document of a system call filter in the specification's form, <c>unconfined</c>, or null for the default one.</summary>
    public string? Seccomp { get; init; }

    /// <summary>The AppArmor profile; null for none.</summary>
    public string? Apparmor { get; init; }

    /// <summary>Paths that the container must not read, besides the usual ones.</summary>
    public IReadOnlyList<string> Masked { get; init => field = value ?? []; } = [];

    /// <summary>Paths of the usual ones that it may read or write after all, as patterns; <c>ALL</c> is all of them.</summary>
    public IReadOnlyList<string> Unmasked { get; init => field = value ?? []; } = [];

    /// <summary>Options of the mount of <c>/proc</c>, such as <c>hidepid=2</c>.</summary>
    public IReadOnlyList<string> ProcOptions { get; init => field = value ?? []; } = [];

    /// <summary>What SELinux is to call the container.</summary>
    public SelinuxOptions Selinux { get; init => field = value ?? new(); } = new();

    /// <summary>The values of <c>--security-opt</c> as they were written.</summary>
    public IReadOnlyList<string> Written { get; init => field = value ?? []; } = [];

    /// <summary>Adds the values of <c>--security-opt</c>. Files they name are read now: later ones of that name are others.</summary>
    /// <exception cref="ContainerException">InvalidArgument or Unsupported.</exception>
    public SecurityOptions With(IReadOnlyList<string> values)
    {
        SecurityOptions result = this with { Written = [.. Written, .. values] };
        foreach (string value in values)
        {
            int at = value.AsSpan().IndexOfAny('=', ':');
            (string key, string argument) = at < 0 ? (value, "") : (value[..at], value[(at + 1)..]);
            result = result.WithOne(value, key, argument);
        }
        return result;
    }

    private SecurityOptions WithOne(string value, string key, string argument) => key switch
    {
        "no-new-privileges" => this with { NoNewPrivileges = IsTrue(argument, value) },
        "seccomp" => this with { Seccomp = argument switch { "unconfined" => argument, "builtin" => null, _ => ReadProfile(argument) } },
        "apparmor" => this with { Apparmor = ApparmorProfile(argument) },
        "label" => this with { Selinux = Selinux.With(value, argument) },
        "mask" => this with { Masked = [.. Masked, .. Paths(value, argument)] },
        "unmask" => this with { Unmasked = [.. Unmasked, .. argument == AllPaths ? [AllPaths] : Paths(value, argument)] },
        "systempaths" when argument == "unconfined" => this with { Unmasked = [AllPaths] },
        "proc-opts" when argument.Length > 0 => this with { ProcOptions = [.. ProcOptions, .. argument.Split(',').Select(option => ProcOption(value, option))] },
        _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown security option '{value}'")
        {
            Hint = "known: seccomp=FILE|unconfined|builtin, apparmor=PROFILE, label=…, no-new-privileges, mask=PATHS, unmask=PATHS|ALL, systempaths=unconfined, proc-opts=OPTIONS",
        },
    };

    private static bool IsTrue(string argument, string value) => argument switch
    {
        "" or "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid security option '{value}': neither true nor false"),
    };

    private static IEnumerable<string> Paths(string value, string argument)
    {
        string[] paths = argument.Split(':', StringSplitOptions.RemoveEmptyEntries);
        return paths.Length > 0 && Array.TrueForAll(paths, path => path[0] == '/')
            ? paths
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid security option '{value}': want absolute paths with colons between them");
    }

    private static string ProcOption(string value, string option) => option.StartsWith("hidepid=", StringComparison.Ordinal) || option.StartsWith("gid=", StringComparison.Ordinal) || option == "subset=pid"
        ? option
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid security option '{value}': unknown option '{option}' of /proc") { Hint = "there are hidepid=, gid= and subset=pid" };

    private static string ReadProfile(string path) =>
        FileIo.TryReadText(path) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"seccomp profile '{path}': no such file");

    private static string? ApparmorProfile(string profile)
    {
        if (profile == "unconfined")
            return null;
        return Directory.Exists("/sys/kernel/security/apparmor")
            ? profile
            : throw new ContainerException(ContainerErrorKind.Unsupported, $"security option 'apparmor={profile}': this machine does not run AppArmor");
    }
}
