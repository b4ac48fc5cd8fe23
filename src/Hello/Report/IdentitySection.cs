namespace Rundlet.Hello.Report;

/// <summary>Who the process is, and as whom the host knows it.</summary>
internal static class IdentitySection
{
    private const string NoProc = "unknown: /proc is not mounted";

    public static Section Build(SystemFiles files, ProcessStatus status)
    {
        string? uid = status.Words("Uid").ElementAtOrDefault(1);
        string? gid = status.Words("Gid").ElementAtOrDefault(1);
        return new("identity", "Identity",
        [
            new("pid", "process id", new FactValue.Number(Environment.ProcessId)),
            new("hostname", "host name", FactValue.Of(files.TryReadLine("/proc/sys/kernel/hostname"), NoProc)),
            new("domainname", "domain name", DomainName(files.TryReadLine("/proc/sys/kernel/domainname"))),
            new("uid", "user id", FactValue.Of(uid, NoProc)),
            new("gid", "group id", FactValue.Of(gid, NoProc)),
            new("groups", "additional groups", new FactValue.List(status.Words("Groups"), "none")),
            new("user", "user name", FactValue.Of(UserName(files.ReadLines("/etc/passwd"), uid), "not in /etc/passwd")),
            new("uidMap", "user id map", Map(files.TryReadLine("/proc/self/uid_map"))),
            new("gidMap", "group id map", Map(files.TryReadLine("/proc/self/gid_map"))),
            new("kernel", "kernel", FactValue.Of(files.TryReadLine("/proc/sys/kernel/osrelease"), NoProc)),
        ]);
    }

    /// <summary>The name of the first line of passwd(5) with this user id.</summary>
    public static string? UserName(IEnumerable<string> passwd, string? uid) =>
        passwd.Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == uid)?[0];

    /// <summary>"0 100000 65536" becomes "0 -> 100000 (65536 ids)": inside, outside, length (user_namespaces(7)).</summary>
    public static string MapLine(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var inside, var outside, var length]
            ? length == "4294967295" && inside == outside ? "the host's ids, unchanged" : $"{inside} -> {outside} ({length} ids)"
            : line;

    private static FactValue Map(string? text) => text is null
        ? new FactValue.Missing(NoProc)
        : new FactValue.List([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(MapLine)], "none");

    private static FactValue DomainName(string? name) => name is null or "(none)" ? new FactValue.Missing("not set") : new FactValue.Text(name);
}
