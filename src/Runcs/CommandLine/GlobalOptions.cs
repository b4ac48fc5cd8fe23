using Rundlet.Linux;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.CommandLine;

/// <summary>The flags before the command.</summary>
internal sealed class GlobalOptions(Arguments arguments)
{
    /// <summary>What there is.</summary>
    public static readonly IReadOnlyList<Option> Options =
    [
        new("root", null, "DIR", "folder of the containers' state (default /run/runcs)"),
        new("log", null, "FILE", "file that gets the error of a failed command too"),
        new("log-format", null, "text|json", "format of the log file (default text)"),
        new("log-level", null, "LEVEL", "accepted; only errors are logged"),
        new("debug", null, null, "show where an unexpected error came from"),
        new("systemd-cgroup", null, null, "manage cgroups through systemd (not in this version)"),
        new("cgroup-manager", null, "cgroupfs|systemd|disabled", "who manages cgroups (default cgroupfs)"),
        new("rootless", null, "true|false|auto", "whether cgroups that cannot be made may be missing (default auto)"),
        new("criu", null, "PATH", "accepted and not used"),
        new("version", 'v', null, "print the version"),
    ];

    /// <summary>The log file, or null.</summary>
    public string? Log => arguments.Value("log");

    /// <summary>Whether the log file gets JSON.</summary>
    public bool LogAsJson => arguments.Value("log-format") == "json";

    /// <summary>Whether an unexpected error shows its stack.</summary>
    public bool Debug => arguments.Has("debug");

    /// <summary>Whether the systemd driver is asked for.</summary>
    public bool SystemdCgroup => arguments.Has("systemd-cgroup") || arguments.Value("cgroup-manager") == "systemd";

    /// <summary>Whether <c>--rootless</c> says so; null for <c>auto</c>.</summary>
    /// <exception cref="ContainerException">It says something else.</exception>
    public bool? Rootless => arguments.Value("rootless") switch
    {
        null or "auto" => null,
        "true" => true,
        "false" => false,
        var other => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--rootless: '{other}' is not true, false or auto"),
    };

    /// <summary>The state folder.</summary>
    public StateStore Store => new(arguments.Value("root") ?? DefaultRoot());

    private static string DefaultRoot()
    {
        string? runtimeFolder = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return Sys.geteuid() != 0 && runtimeFolder is { Length: > 0 } ? $"{runtimeFolder}/runcs" : "/run/runcs";
    }
}
