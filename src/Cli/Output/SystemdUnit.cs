using System.Text;
using Rundlet.Engine;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Output;

/// <summary>Units of systemd, systemd.service(5).</summary>
internal static class SystemdUnit
{
    private const int SecondsBeyondStop = 60;

    /// <summary>One for all containers with a restart policy.</summary>
    public static string OfEngine(EnginePaths paths) => $"""
        [Unit]
        Description=Rundlet containers that start with the machine
        Documentation=man:rundlet(1)
        Wants=network-online.target
        After=network-online.target
        RequiresMountsFor={Word(paths.Root)} {Word(paths.RunRoot)}

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        {Roots(paths)}ExecStart={Program} system autostart
        ExecStop={Program} system shutdown
        TimeoutStopSec=300
        # Supervisors of containers that came up stay when one that did not makes the start fail.
        KillMode=process

        [Install]
        WantedBy=multi-user.target

        """;

    /// <summary>One for a container. Its main process is the supervisor, which ends with the container's exit code.</summary>
    public static string OfContainer(EnginePaths paths, ContainerRecord record, ContainerOptions options) => $"""
        [Unit]
        Description=Rundlet container {record.Name}
        Documentation=man:rundlet(1)
        Wants=network-online.target
        After=network-online.target
        RequiresMountsFor={Word(paths.Root)} {Word(paths.RunRoot)}

        [Service]
        Type=forking
        {Roots(paths)}ExecStart={Program} start {record.Name}
        ExecStop={Program} stop {record.Name}
        TimeoutStopSec={(options.StopTimeout < 0 ? "infinity" : (options.StopTimeout + SecondsBeyondStop).ToString())}
        # With a restart policy of its own the container is started again by its supervisor.
        Restart={(options.Restart is null or "no" ? "on-failure" : "no")}

        [Install]
        WantedBy=multi-user.target

        """;

    private static string Program => Word(Environment.ProcessPath ?? "rundlet");

    private static string Roots(EnginePaths paths)
    {
        StringBuilder lines = new();
        if (paths.Root != EnginePaths.Default.Root)
            lines.AppendLine($"Environment={Word($"RUNDLET_ROOT={paths.Root}")}");
        if (paths.RunRoot != EnginePaths.Default.RunRoot)
            lines.AppendLine($"Environment={Word($"RUNDLET_RUN_ROOT={paths.RunRoot}")}");
        return lines.ToString();
    }

    // A percent sign begins a specifier, a dollar a variable; what holds blanks stands in quotes.
    private static string Word(string text)
    {
        string escaped = text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("%", "%%").Replace("$", "$$");
        return escaped.AsSpan().IndexOfAny(" '\"\\;") < 0 ? escaped : $"\"{escaped}\"";
    }
}
