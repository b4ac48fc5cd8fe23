using Rundlet.Linux.Proc;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>CPU time: cgroup-v1/cpuacct, scheduler/sched-bwc, cgroup-v2, "CPU".</summary>
internal static class CpuController
{
    /// <summary>USER_HZ: what <c>cpuacct.stat</c> counts in is a hundredth of a second on every architecture here.</summary>
    private const ulong NanosecondsPerTick = 10_000_000;

    /// <summary>Writes the settings.</summary>
    public static void Apply(CgroupFolders folders, CpuSettings? settings)
    {
        if (settings is null || FirstSetting(settings) is not { } first)
            return;
        CgroupFolder folder = folders.Require(CgroupControllers.Cpu, first);

        // An idle cgroup has no weight; the kernel refuses one.
        if (settings.Idle is { } idle && (idle != 0 || !folder.IsNew))
            folder.Write("cpu.idle", idle.ToString(), "cpu idle");
        if (settings.Shares is { } shares and not 0 && settings.Idle != 1)
        {
            if (folder.IsV2)
                folder.Write("cpu.weight", WeightOf(shares).ToString(), "cpu shares");
            else
                folder.Write("cpu.shares", shares.ToString(), "cpu shares");
        }
        if (folder.IsV2)
            ApplyBandwidthV2(folder, settings);
        else
            ApplyBandwidthV1(folder, settings);
    }

    /// <summary>Reads the figures; those by CPU if all are wanted.</summary>
    public static void Collect(CgroupFolders folders, CgroupStats stats, bool isWhole)
    {
        if (folders.Find(CgroupControllers.Cpuacct) is { } accounting && accounting.TryReadNumber("cpuacct.usage") is { } total)
        {
            stats.Cpu = CollectAccounting(accounting, total, isWhole);
            if (folders.Find(CgroupControllers.Cpu) is { } cpu && cpu.TryRead("cpu.stat") is { } bandwidth)
                Throttling(stats.Cpu, bandwidth, "throttled_time"u8, 1);
            stats.Cpu.Pressure = PressureFile.Read(folders.Unified, "cpu.pressure");
        }
        else if (folders.Unified is { } unified && unified.TryRead("cpu.stat") is { } text)
        {
            // Usage is in every v2 cgroup, throttling where the controller is enabled.
            stats.Cpu = new CpuStats
            {
                Total = FlatFile.FindOrZero(text, "usage_usec"u8) * 1000,
                User = FlatFile.FindOrZero(text, "user_usec"u8) * 1000,
                System = FlatFile.FindOrZero(text, "system_usec"u8) * 1000,
                Pressure = PressureFile.Read(unified, "cpu.pressure"),
            };
            Throttling(stats.Cpu, text, "throttled_usec"u8, 1000);
        }
    }

    /// <summary>
    /// The weight of v2, 1 to 10000, for shares of v1, 2 to 262144: the curve through least, usual (1024 is 100) and most that runc
    /// and crun have agreed on. A straight line would give a usual container less than half of a usual weight.
    /// </summary>
    public static ulong WeightOf(ulong shares)
    {
        if (shares <= 2)
            return 1;
        if (shares >= 262144)
            return 10000;
        double log = Math.Log2(shares);
        return (ulong)Math.Ceiling(Math.Pow(10, (log * log + 125 * log) / 612 - 7.0 / 34));
    }

    private static void ApplyBandwidthV1(CgroupFolder folder, CpuSettings settings)
    {
        var bandwidth = new DependentWrites(folder);
        if (settings.Period is { } period and not 0)
            bandwidth.Add("cpu.cfs_period_us", period.ToString(), "cpu period");
        if (settings.Quota is { } quota and not 0)
            bandwidth.Add("cpu.cfs_quota_us", quota.ToString(), "cpu quota");
        if (settings.Burst is { } burst && (burst != 0 || !folder.IsNew))
            bandwidth.Add("cpu.cfs_burst_us", burst.ToString(), "cpu burst");
        bandwidth.Run();

        var realtime = new DependentWrites(folder);
        if (settings.RealtimePeriod is { } realtimePeriod and not 0)
            realtime.Add("cpu.rt_period_us", realtimePeriod.ToString(), "realtime period");
        if (settings.RealtimeRuntime is { } realtimeRuntime and not 0)
            realtime.Add("cpu.rt_runtime_us", realtimeRuntime.ToString(), "realtime runtime");
        realtime.Run();
    }

    private static void ApplyBandwidthV2(CgroupFolder folder, CpuSettings settings)
    {
        if (settings.RealtimePeriod is > 0 || settings.RealtimeRuntime is > 0)
            throw CgroupErrors.NotInV2("realtime limits");
        var bandwidth = new DependentWrites(folder);
        ulong period = settings.Period ?? 0;
        if (settings.Quota is { } quota and not 0)
        {
            string max = quota < 0 ? "max" : quota.ToString();
            bandwidth.Add("cpu.max", period == 0 ? max : $"{max} {period}", "cpu quota"); // without a period the kernel keeps the one it has
        }
        else if (period != 0)
        {
            bandwidth.Add("cpu.max", $"{CurrentQuota(folder)} {period}", "cpu period");
        }
        if (settings.Burst is { } burst && (burst != 0 || !folder.IsNew))
            bandwidth.Add("cpu.max.burst", burst.ToString(), "cpu burst");
        bandwidth.Run();
    }

    private static string CurrentQuota(CgroupFolder folder)
    {
        if (folder.IsNew || folder.TryRead("cpu.max") is not { } text)
            return "max";
        ReadOnlySpan<byte> line = text;
        return System.Text.Encoding.UTF8.GetString(MountInfoText.NextField(ref line));
    }

    private static string? FirstSetting(CpuSettings settings)
    {
        if (settings.Shares is { } shares and not 0)
            return "cpu shares";
        if (settings.Quota is { } quota and not 0)
            return "cpu quota";
        if (settings.Period is { } period and not 0)
            return "cpu period";
        if (settings.Burst is { } burst and not 0)
            return "cpu burst";
        if (settings.Idle is not null)
            return "cpu idle";
        return settings.RealtimeRuntime is { } runtime and not 0 || settings.RealtimePeriod is { } period2 and not 0 ? "realtime limits" : null;
    }

    private static CpuStats CollectAccounting(CgroupFolder folder, ulong total, bool isWhole)
    {
        var cpu = new CpuStats { Total = total };
        if (folder.TryRead("cpuacct.stat") is { } text)
        {
            cpu.User = FlatFile.FindOrZero(text, "user"u8) * NanosecondsPerTick;
            cpu.System = FlatFile.FindOrZero(text, "system"u8) * NanosecondsPerTick;
        }
        if (!isWhole)
            return cpu;
        if (folder.TryRead("cpuacct.usage_percpu") is { } list)
        {
            var perCpu = new List<ulong>(Environment.ProcessorCount);
            ReadOnlySpan<byte> rest = list.AsSpan().TrimEnd((byte)'\n');
            while (!rest.IsEmpty)
            {
                if (FlatFile.Number(MountInfoText.NextField(ref rest)) is { } one)
                    perCpu.Add(one);
            }
            cpu.PerCpu = perCpu;
        }
        if (folder.TryRead("cpuacct.usage_all") is { } table)
            AddModes(cpu, table);
        return cpu;
    }

    /// <summary>A line a CPU: its number, then user and system time in nanoseconds. The first line holds the names.</summary>
    private static void AddModes(CpuStats cpu, ReadOnlySpan<byte> text)
    {
        var user = new List<ulong>();
        var system = new List<ulong>();
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (FlatFile.Number(MountInfoText.NextField(ref line)) is null)
                continue;
            user.Add(FlatFile.Number(MountInfoText.NextField(ref line)) ?? 0);
            system.Add(FlatFile.Number(MountInfoText.NextField(ref line)) ?? 0);
        }
        (cpu.PerCpuUser, cpu.PerCpuSystem) = (user, system);
    }

    private static void Throttling(CpuStats cpu, ReadOnlySpan<byte> text, ReadOnlySpan<byte> timeKey, ulong toNanoseconds)
    {
        cpu.Periods = FlatFile.FindOrZero(text, "nr_periods"u8);
        cpu.ThrottledPeriods = FlatFile.FindOrZero(text, "nr_throttled"u8);
        cpu.ThrottledTime = FlatFile.FindOrZero(text, timeKey) * toNanoseconds;
    }
}
