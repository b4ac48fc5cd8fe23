namespace Rundlet.Hello.Report;

/// <summary>The eight namespaces by inode (namespaces(7)): compare them with the host's to see what is shared.</summary>
internal static class NamespaceSection
{
    private static readonly string[] Kinds = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

    public static Section Build(SystemFiles files) =>
        new("namespaces", "Namespaces", [.. Kinds.Select(kind => new Fact(kind, kind, Inode(files.TryReadLink($"/proc/self/ns/{kind}"))))]);

    /// <summary>The number in "net:[4026531840]".</summary>
    public static FactValue Inode(string? link)
    {
        if (link is null)
            return new FactValue.Missing("unknown: /proc is not mounted, or the kernel has no such namespace");
        int open = link.IndexOf('[');
        return open >= 0 && link[^1] == ']' && long.TryParse(link.AsSpan(open + 1, link.Length - open - 2), out long inode)
            ? new FactValue.Number(inode)
            : new FactValue.Text(link);
    }
}
