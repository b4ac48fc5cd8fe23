using System.Globalization;

namespace Rundlet.Hello.Report;

/// <summary>What the container may use, and what it uses, from whichever cgroup version has the controller.</summary>
internal static class CgroupSection
{
    private const string NoLimit = "no limit";

    // Version 1 says "no limit" with the largest multiple of a page that fits in 63 bits.
    private const long Version1NoLimit = 0x7fff_ffff_ffff_0000;

    public static Section Build(SystemFiles files, IReadOnlyList<MountEntry> mounts)
    {
        CgroupPaths paths = CgroupPaths.Find(files, mounts);
        string memory = paths.WhyMissing("memory"), cpu = paths.WhyMissing("cpu"), pids = paths.WhyMissing("pids");
        return new("cgroup", "Resources",
        [
            new("memoryLimit", "memory limit", Bytes(paths.ReadVersion2("memory.max") ?? paths.ReadVersion1("memory", "memory.limit_in_bytes"), memory)),
            new("memoryUsage", "memory used", Bytes(paths.ReadVersion2("memory.current") ?? paths.ReadVersion1("memory", "memory.usage_in_bytes"), memory)),
            // Version 2 limits swap by itself, version 1 the sum of memory and swap.
            paths.ReadVersion2("memory.swap.max") is { } swap
                ? new("swapLimit", "swap limit", Bytes(swap, memory))
                : new("memorySwapLimit", "memory and swap limit", Bytes(paths.ReadVersion1("memory", "memory.memsw.limit_in_bytes"), memory)),
            paths.ReadVersion2("cpu.weight") is { } weight
                ? new("cpuWeight", "cpu weight", Count(weight, cpu))
                : new("cpuShares", "cpu shares", Count(paths.ReadVersion1("cpu", "cpu.shares"), cpu)),
            new("cpuLimit", "cpu limit", Cpus(paths.ReadVersion2("cpu.max")
                ?? $"{paths.ReadVersion1("cpu", "cpu.cfs_quota_us")} {paths.ReadVersion1("cpu", "cpu.cfs_period_us")}", cpu)),
            new("pidsLimit", "process limit", Count(paths.ReadVersion2("pids.max") ?? paths.ReadVersion1("pids", "pids.max"), pids)),
            new("pids", "processes", Count(paths.ReadVersion2("pids.current") ?? paths.ReadVersion1("pids", "pids.current"), pids)),
        ],
        [
            new("membership", "Cgroups", ["controllers", "path"],
                [.. paths.Memberships.Select(member => (IReadOnlyList<string>)[member.Controllers, member.Path])],
                "unknown: /proc is not mounted"),
        ]);
    }

    /// <summary>A limit or a usage in bytes; <paramref name="otherwise"/> where there is none.</summary>
    public static FactValue Bytes(string? text, string otherwise) => Parse(text) switch
    {
        null => new FactValue.Missing(text == "max" ? NoLimit : otherwise),
        >= Version1NoLimit => new FactValue.Missing(NoLimit),
        { } bytes => FactValue.Bytes(bytes),
    };

    public static FactValue Count(string? text, string otherwise) => Parse(text) is { } number
        ? new FactValue.Number(number)
        : new FactValue.Missing(text == "max" ? NoLimit : otherwise);

    /// <summary>"QUOTA PERIOD" in microseconds as a number of processors; a quota of "max" or -1 is no limit.</summary>
    public static FactValue Cpus(string text, string otherwise) => text.Split(' ') switch
    {
        ["max" or "-1", ..] => new FactValue.Missing(NoLimit),
        [var quota, var period] when Parse(quota) is { } time && Parse(period) is > 0 and { } of =>
            new FactValue.Text(string.Create(CultureInfo.InvariantCulture, $"{(double)time / of:0.###} CPUs")),
        _ => new FactValue.Missing(otherwise),
    };

    private static long? Parse(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;
}
