namespace Rundlet.Hello.Report;

/// <summary>Resource limits of the process (getrlimit(2)).</summary>
internal static class LimitSection
{
    public static Section Build(SystemFiles files) => new("limits", "Resource limits", [],
    [
        new("rlimits", "", ["limit", "soft", "hard", "unit"], [.. files.ReadLines("/proc/self/limits").Skip(1).Select(TryParse).OfType<string[]>()],
            "unknown: /proc is not mounted"),
    ]);

    /// <summary>
    /// "Max open files            1024                 4096                 files     " as name, soft, hard, unit.
    /// The columns have fixed widths (fs/proc/base.c: 25, 20, 20, 10); names contain spaces.
    /// </summary>
    public static string[]? TryParse(string line) => line.Length < 67
        ? null
        : [line[..26].Trim().Replace("Max ", "", StringComparison.Ordinal), line[26..47].Trim(), line[47..67].Trim(), line[67..].Trim()];
}
