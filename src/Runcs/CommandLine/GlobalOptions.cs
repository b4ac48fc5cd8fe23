using Rundlet.Linux;
using Rundlet.Runtime;
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
        new("log", null, "FILE", "file that gets the error of a failed command too; or journald:ID, syslog:ID"),
        new("log-format", null, "text|json", "format of the log file (default text)"),
        new("log-level", null, "error|warning|info|debug", "what is logged (default error)"),
        new("debug", null, null, "show where an unexpected error came from"),
        new("systemd-cgroup", null, null, "manage cgroups through systemd"),
        new("cgroup-manager", null, "cgroupfs|systemd|disabled", "who manages cgroups (default cgroupfs)"),
        new("rootless", null, "true|false|auto", "whether cgroups that cannot be made may be missing (default auto)"),
        new("criu", null, "PATH", "accepted and not used"),
        new("version", 'v', null, "print the version"),
    ];

    /// <summary>The log file, or null.</summary>
    public string? Log => arguments.Value("log");

    /// <summary>Whether the log file gets JSON.</summary>
    public bool LogAsJson => arguments.Value("log-format") == "json";

    /// <summary>Whether the log gets warnings too.</summary>
    public bool LogsWarnings => Debug || arguments.Value("log-level") is "warning" or "warn" or "info" or "debug" or "trace";

    /// <summary>Checks the values.</summary>
    /// <exception cref="Linux.ContainerException">One is unknown.</exception>
    public void Check()
    {
        Check("log-format", "text", "json");
        Check("log-level", "error", "warning", "warn", "info", "debug", "trace", "fatal", "panic");
        Check("cgroup-manager", "cgroupfs", "systemd", "disabled");
        Check("rootless", "true", "false", "auto");
    }

    private void Check(string flag, params ReadOnlySpan<string> values)
    {
        if (arguments.Value(flag) is { } value && !values.Contains(value))
            throw new Linux.ContainerException(Linux.ContainerErrorKind.InvalidArgument, $"--{flag}: unknown value '{value}'") { Hint = $"use one of {string.Join(", ", values.ToArray())}" };
    }

    /// <summary>Whether an unexpected error shows its stack.</summary>
    public bool Debug => arguments.Has("debug");

    /// <summary>Who makes cgroups.</summary>
    /// <exception cref="ContainerException">There is no such manager.</exception>
    public CgroupManager CgroupManager => arguments.Has("systemd-cgroup") ? CgroupManager.Systemd : arguments.Value("cgroup-manager") switch
    {
        null or "" or "cgroupfs" => CgroupManager.Cgroupfs,
        "systemd" => CgroupManager.Systemd,
        "disabled" => CgroupManager.Disabled,
        { } other => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--cgroup-manager: '{other}' is none of cgroupfs, systemd and disabled"),
    };

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
        // As runc: a user's own folder, also where the user is root in a user namespace, as beneath podman.
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is not { Length: > 0 } runtimeFolder)
            return "/run/runcs";
        bool isUser = Sys.geteuid() != 0 || (Environment.GetEnvironmentVariable("USER") != "root" && RootlessCaller.IsInUserNamespace());
        return isUser ? $"{runtimeFolder}/runcs" : "/run/runcs";
    }
}
