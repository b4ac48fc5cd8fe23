using System.Globalization;

namespace Rundlet.Hello.Report;

/// <summary>What else confines the process: seccomp, no_new_privs, a security module, a read-only root.</summary>
internal static class SecuritySection
{
    private const string NoProc = "unknown: /proc is not mounted";

    public static Section Build(SystemFiles files, ProcessStatus status, IReadOnlyList<MountEntry> mounts) => new("security", "Security",
    [
        new("seccomp", "seccomp", FactValue.Of(SeccompMode(status.Find("Seccomp")), NoProc)),
        new("seccompFilters", "seccomp filters", long.TryParse(status.Find("Seccomp_filters"), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            ? new FactValue.Number(count)
            : new FactValue.Missing(NoProc)),
        new("noNewPrivileges", "no new privileges", status.Find("NoNewPrivs") switch
        {
            "1" => new FactValue.Flag(true),
            "0" => new FactValue.Flag(false),
            _ => new FactValue.Missing(NoProc),
        }),
        new("apparmor", "AppArmor", FactValue.Of(files.TryReadLine("/proc/self/attr/apparmor/current"), "no label")),
        // Without its own folder in attr, the shared file belongs to whichever module the kernel has.
        new("label", "security label", FactValue.Of(files.TryReadLine("/proc/self/attr/current"), "no label")),
        new("readOnlyRoot", "root is read-only", mounts.LastOrDefault(mount => mount.Target == "/") is { } root
            ? new FactValue.Flag(root.IsReadOnly)
            : new FactValue.Missing(NoProc)),
    ]);

    /// <summary>The name of a mode number (seccomp(2)).</summary>
    public static string? SeccompMode(string? number) => number switch
    {
        "0" => "off",
        "1" => "strict",
        "2" => "filter",
        _ => number,
    };
}
