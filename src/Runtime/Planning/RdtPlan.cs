using Rundlet.Linux;
using Rundlet.Linux.Resctrl;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>What <c>linux.intelRdt</c> says, config-linux.md "IntelRdt": which lines go into a group, and in what order.</summary>
internal static class RdtPlan
{
    private const string BandwidthPrefix = "MB:";
    private const string SchemataMember = "linux.intelRdt.schemata";

    /// <summary>Checks the member.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>, naming what is wrong.</exception>
    public static void Validate(IntelRdt rdt)
    {
        if (rdt.ClosId is { Length: > 0 } name && name != "/")
            ValidateName(name, "linux.intelRdt.closID");
        if (rdt.MemBwSchema is { Length: > 0 } bandwidth && (!bandwidth.StartsWith(BandwidthPrefix, StringComparison.Ordinal) || bandwidth.Contains('\n')))
            throw Invalid("linux.intelRdt.memBwSchema", $"must be one line that begins with '{BandwidthPrefix}', not '{bandwidth}'");
        foreach (string line in rdt.Schemata ?? [])
        {
            if (line.Contains('\n'))
                throw Invalid(SchemataMember, $"must hold one line an entry, not '{line.Replace('\n', ' ')}'");
        }
        ForEach(rdt, (member, line) =>
        {
            if (SchemaLine.TryParse(line) is null)
                throw Invalid(member, $"must have the form 'L3:0=f;1=f0', not '{line}'");
        });
    }

    /// <summary>Checks the name of a group.</summary>
    /// <param name="name">The name.</param>
    /// <param name="member">Who named it.</param>
    /// <exception cref="ContainerException">It is none, or one of resctrl's own.</exception>
    public static void ValidateName(string name, string member)
    {
        bool good = name is not ("." or ".." or "info" or "mon_groups" or "mon_data");
        foreach (char c in name)
            good &= c != '/' && !char.IsControl(c);
        if (!good)
            throw Invalid(member, $"must be '/' or the name of a group, not '{name}'");
    }

    /// <summary>The group's name in a container: <c>closID</c>, or the container's id.</summary>
    public static string GroupOf(IntelRdt rdt, string id) => rdt.ClosId is { Length: > 0 } name ? name : id;

    /// <summary>Whether the container's tasks are to be measured apart; before 1.3 that was asked for by what is measured.</summary>
    public static bool Monitors(IntelRdt rdt) => rdt.EnableMonitoring || rdt.EnableCmt || rdt.EnableMbm;

    /// <summary>
    /// Lines to be written, in the writes that the kernel gets: those of l3CacheSchema without bandwidth and of memBwSchema, and then
    /// those of schemata, which may name the same again.
    /// </summary>
    public static List<List<string>> Writes(IntelRdt rdt)
    {
        List<string> first = [];
        List<string> second = [];
        ForEach(rdt, (member, line) => (member == SchemataMember ? second : first).Add(line));
        List<List<string>> writes = [first, second];
        writes.RemoveAll(lines => lines.Count == 0);
        return writes;
    }

    /// <summary>What a group has in the end that the lines were written to.</summary>
    public static List<SchemaLine> Outcome(IntelRdt rdt)
    {
        List<SchemaLine> lines = [];
        ForEach(rdt, (_, line) => SchemaLine.Merge(lines, SchemaLine.TryParse(line)!));
        return lines;
    }

    /// <summary>Does something with each line and the member that it stands in.</summary>
    public static void ForEach(IntelRdt rdt, Action<string, string> action)
    {
        foreach (string line in (rdt.L3CacheSchema ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith(BandwidthPrefix, StringComparison.Ordinal))
                action("linux.intelRdt.l3CacheSchema", line);
        }
        if (rdt.MemBwSchema is { Length: > 0 } bandwidth)
            action("linux.intelRdt.memBwSchema", bandwidth);
        foreach (string line in rdt.Schemata ?? [])
        {
            if (line.Length > 0)
                action(SchemataMember, line);
        }
    }

    private static ContainerException Invalid(string member, string what) => new(ContainerErrorKind.InvalidArgument, $"{member} {what}");
}
