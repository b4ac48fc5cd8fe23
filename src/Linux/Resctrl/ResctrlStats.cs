namespace Rundlet.Linux.Resctrl;

/// <summary>What a group may use of the processor and what it uses.</summary>
public sealed class ResctrlStats
{
    /// <summary>The cache; null where it cannot be shared out.</summary>
    public CacheShare? Cache { get; private init; }

    /// <summary>Memory bandwidth; null where it cannot be shared out.</summary>
    public BandwidthShare? Bandwidth { get; private init; }

    /// <summary>Bytes in each cache, by number of the cache; null where that cannot be measured.</summary>
    public IReadOnlyList<ulong>? Occupancy { get; private init; }

    /// <summary>Bytes to and from memory through each cache, and those of them that stayed on its node; null where that cannot be measured.</summary>
    public IReadOnlyList<(ulong Total, ulong Local)>? Traffic { get; private init; }

    /// <summary>Reads a group.</summary>
    /// <param name="system">Where it is.</param>
    /// <param name="group">The group that shares.</param>
    /// <param name="measured">The group that is measured: the same, or one beneath it.</param>
    /// <exception cref="LinuxException">It cannot be read; <c>ENOENT</c>: it is gone.</exception>
    public static ResctrlStats Read(ResctrlFileSystem system, ResctrlGroup group, ResctrlGroup measured)
    {
        string root = system.TryRead("schemata") ?? "";
        string own = root.Length == 0 ? "" : group.ReadSchemata();
        string? cache = FirstFolder(system, "L3", "L3CODE", "L3DATA");
        string? bandwidth = FirstFolder(system, "MB");
        string[] features = system.MonitorFeatures();
        bool measuresTraffic = Array.Exists(features, feature => feature.StartsWith("mbm_", StringComparison.Ordinal));
        List<string> domains = features.Length == 0 ? [] : FolderList.FoldersIn($"{measured.Path}/mon_data");
        domains.RemoveAll(name => !name.StartsWith("mon_L3_", StringComparison.Ordinal));
        domains.Sort(StringComparer.Ordinal);
        return new ResctrlStats
        {
            Cache = cache is null ? null : new CacheShare(
                system.TryRead($"{cache}/cbm_mask")?.Trim() ?? "", system.TryReadNumber($"{cache}/min_cbm_bits") ?? 0, system.TryReadNumber($"{cache}/num_closids") ?? 0, LinesOf(root, "L3"), LinesOf(own, "L3")),
            Bandwidth = bandwidth is null ? null : new BandwidthShare(
                system.TryReadNumber($"{bandwidth}/bandwidth_gran") ?? 0, system.TryReadNumber($"{bandwidth}/delay_linear") ?? 0, system.TryReadNumber($"{bandwidth}/min_bandwidth") ?? 0,
                system.TryReadNumber($"{bandwidth}/num_closids") ?? 0, LinesOf(root, "MB"), LinesOf(own, "MB")),
            Occupancy = Array.IndexOf(features, "llc_occupancy") < 0 ? null : domains.ConvertAll(domain => Figure(measured, domain, "llc_occupancy")),
            Traffic = measuresTraffic ? domains.ConvertAll(domain => (Figure(measured, domain, "mbm_total_bytes"), Figure(measured, domain, "mbm_local_bytes"))) : null,
        };
    }

    private static string? FirstFolder(ResctrlFileSystem system, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (ResctrlFileSystem.IsFolder($"{system.Path}/info/{name}"))
                return $"info/{name}";
        }
        return null;
    }

    // With code and data apart there are two lines about the cache.
    private static string LinesOf(string schemata, string resource)
    {
        List<string> lines = [];
        foreach (string line in schemata.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith(resource, StringComparison.Ordinal))
                lines.Add(line);
        }
        return string.Join('\n', lines);
    }

    // A counter that the processor has no room for now reads "Unavailable", one that is broken "Error": no figure.
    private static ulong Figure(ResctrlGroup group, string domain, string file) =>
        ulong.TryParse(FileIo.TryReadText($"{group.Path}/mon_data/{domain}/{file}")?.Trim(), out ulong value) ? value : 0;
}
