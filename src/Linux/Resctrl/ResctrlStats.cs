namespace Rundlet.Linux.Resctrl;

/// <summary>What a group may use of the processor and what it uses.</summary>
public sealed class ResctrlStats
{
    /// <summary>The cache; null where it cannot be shared out.</summary>
    public CacheShare? Cache { get; private init; }

    /// <summary>Memory bandwidth; null where it cannot be shared out.</summary>
    public BandwidthShare? Bandwidth { get; private init; }

    /// <summary>Whether this machine measures what is in its caches.</summary>
    public bool MeasuresOccupancy { get; private init; }

    /// <summary>Whether it measures what goes through them.</summary>
    public bool MeasuresTraffic { get; private init; }

    /// <summary>What was measured, by number of the cache.</summary>
    public List<CacheUse> Caches { get; } = [];

    /// <summary>Reads a group.</summary>
    /// <param name="system">Where it is.</param>
    /// <param name="group">The group that shares.</param>
    /// <param name="measured">The group that is measured: the same, or one beneath it.</param>
    /// <exception cref="LinuxException">It cannot be read; <c>ENOENT</c>: it is gone.</exception>
    public static ResctrlStats Read(ResctrlFileSystem system, ResctrlGroup group, ResctrlGroup measured)
    {
        string root = system.TryRead("schemata") ?? "";
        string own = root.Length == 0 ? "" : group.ReadSchemata();
        string[] features = system.MonitorFeatures();
        ResctrlStats stats = new()
        {
            Cache = CacheOf(system, root, own),
            Bandwidth = BandwidthOf(system, root, own),
            MeasuresOccupancy = Array.IndexOf(features, "llc_occupancy") >= 0,
            MeasuresTraffic = Array.Exists(features, feature => feature.StartsWith("mbm_", StringComparison.Ordinal)),
        };
        if (features.Length > 0)
            stats.Measure(measured);
        return stats;
    }

    private static CacheShare? CacheOf(ResctrlFileSystem system, string root, string own)
    {
        foreach (string name in (ReadOnlySpan<string>)["L3", "L3CODE", "L3DATA"])
        {
            if (ResctrlFileSystem.IsFolder($"{system.Path}/info/{name}"))
            {
                return new CacheShare
                {
                    Mask = system.TryRead($"info/{name}/cbm_mask")?.Trim() ?? "",
                    MinBits = system.TryReadNumber($"info/{name}/min_cbm_bits") ?? 0,
                    Groups = system.TryReadNumber($"info/{name}/num_closids") ?? 0,
                    Default = LinesOf(root, "L3"),
                    Own = LinesOf(own, "L3"),
                };
            }
        }
        return null;
    }

    private static BandwidthShare? BandwidthOf(ResctrlFileSystem system, string root, string own) => !ResctrlFileSystem.IsFolder($"{system.Path}/info/MB") ? null : new BandwidthShare
    {
        Step = system.TryReadNumber("info/MB/bandwidth_gran") ?? 0,
        Linear = system.TryReadNumber("info/MB/delay_linear") ?? 0,
        Min = system.TryReadNumber("info/MB/min_bandwidth") ?? 0,
        Groups = system.TryReadNumber("info/MB/num_closids") ?? 0,
        Default = LinesOf(root, "MB"),
        Own = LinesOf(own, "MB"),
    };

    private void Measure(ResctrlGroup group)
    {
        List<string> domains = FolderList.FoldersIn($"{group.Path}/mon_data");
        domains.Sort(StringComparer.Ordinal);
        foreach (string domain in domains)
        {
            if (domain.StartsWith("mon_L3_", StringComparison.Ordinal))
                Caches.Add(new CacheUse { Occupancy = Figure(group, domain, "llc_occupancy"), Traffic = Figure(group, domain, "mbm_total_bytes"), LocalTraffic = Figure(group, domain, "mbm_local_bytes") });
        }
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
