using System.Text;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>Memory and swap: cgroup-v1/memory and cgroup-v2, "Memory".</summary>
internal static class MemoryController
{
    private const string LimitSetting = "memory limit";
    private const string SwapSetting = "memory and swap limit";
    private const string ReservationSetting = "memory reservation";

    /// <summary>Writes the settings.</summary>
    public static void Apply(CgroupFolders folders, MemorySettings? settings)
    {
        if (settings is null || FirstSetting(settings) is not { } first)
            return;
        CgroupFolder folder = folders.Require(CgroupControllers.Memory, first);
        if (folder.IsV2)
            ApplyV2(folder, settings);
        else
            ApplyV1(folder, settings);
    }

    /// <summary>Reads the figures; all of them, or those of <see cref="Cgroup.Usage"/>.</summary>
    public static void Collect(CgroupFolders folders, CgroupStats stats, bool isWhole)
    {
        if (folders.Find(CgroupControllers.Memory) is not { } folder || folder.TryRead("memory.stat") is not { } text)
            return;
        stats.Memory = folder.IsV2 ? CollectV2(folder, text) : CollectV1(folder, folders.Unified, text);
        if (!folder.IsV2 && isWhole)
            AddFiguresV1(folder, stats.Memory);
        if (isWhole)
            stats.Memory.Raw = AllLines(text);
    }

    /// <summary>How many processes the OOM killer took because of this cgroup's limit.</summary>
    public static ulong OomKillCount(CgroupFolders folders)
    {
        if (folders.Find(CgroupControllers.Memory) is not { } folder)
            return 0;
        return folder.TryRead(folder.IsV2 ? "memory.events" : "memory.oom_control") is { } text ? FlatFile.FindOrZero(text, "oom_kill"u8) : 0;
    }

    private static void ApplyV1(CgroupFolder folder, MemorySettings settings)
    {
        if (settings.CheckBeforeUpdate)
            RefuseBelowUsage(folder, "memory.usage_in_bytes", settings.Limit);
        var limits = new DependentWrites(folder);
        if (settings.Limit is { } limit and not 0)
            limits.Add("memory.limit_in_bytes", limit.ToString(), LimitSetting);
        if (settings.Swap is { } swap and not 0)
            limits.Add("memory.memsw.limit_in_bytes", swap.ToString(), SwapSetting);
        else if (settings.Limit == -1)
            LiftSwapLimit(folder, limits);
        limits.Run();

        if (settings.Reservation is { } reservation and not 0)
            folder.Write("memory.soft_limit_in_bytes", reservation.ToString(), ReservationSetting);
        if (settings.KernelTcp is { } tcp and not 0)
            folder.Write("memory.kmem.tcp.limit_in_bytes", tcp.ToString(), "tcp memory limit");
        if (settings.Swappiness is { } swappiness)
            folder.Write("memory.swappiness", swappiness.ToString(), "memory swappiness");
        if (settings.DisableOomKiller is { } disable && (disable || !folder.IsNew))
            folder.Write("memory.oom_control", disable ? "1" : "0", "oom killer");
    }

    /// <summary>Memory without a limit means swap without one; kernels without swap accounting have no such file.</summary>
    private static void LiftSwapLimit(CgroupFolder folder, DependentWrites limits)
    {
        if (folder.TryRead("memory.memsw.limit_in_bytes") is not null)
            limits.Add("memory.memsw.limit_in_bytes", "-1", SwapSetting);
    }

    private static void ApplyV2(CgroupFolder folder, MemorySettings settings)
    {
        if (settings.Swappiness is not null)
            throw CgroupErrors.NotInV2("memory swappiness");
        if (settings.DisableOomKiller == true)
            throw CgroupErrors.NotInV2("oom killer");
        if (settings.KernelTcp is > 0)
            throw CgroupErrors.NotInV2("tcp memory limit");
        if (settings.CheckBeforeUpdate)
            RefuseBelowUsage(folder, "memory.current", settings.Limit);

        // Swap first: a lower memory limit then finds as much swap as it is meant to have.
        if (SwapOnly(settings.Limit ?? 0, settings.Swap ?? 0) is { } swap)
            WriteSwap(folder, swap);
        if (settings.Limit is { } limit and not 0)
            folder.Write("memory.max", Text(limit), LimitSetting);
        if (settings.Reservation is { } reservation and not 0)
            folder.Write("memory.low", Text(reservation), ReservationSetting);
    }

    /// <summary>What v2 calls swap, without memory; null to leave it, -1 for no limit.</summary>
    public static long? SwapOnly(long limit, long swap)
    {
        if (limit == -1 && swap == 0)
            return -1;
        if (swap is 0 or -1)
            return swap == 0 ? null : -1;
        if (limit <= 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{SwapSetting}: needs a memory limit beside it");
        if (swap < limit)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{SwapSetting}: {swap} is less than the memory limit {limit}");
        return swap - limit;
    }

    private static void WriteSwap(CgroupFolder folder, long swap)
    {
        Errno error = folder.TryWrite("memory.swap.max", Text(swap));
        // Without swap accounting there is no such file; then there is nothing that "no swap" or "no limit" would change.
        if (error == Errno.None || (error == Errno.ENOENT && swap <= 0))
            return;
        throw CgroupErrors.CannotWrite(folder, "memory.swap.max", Text(swap), SwapSetting, error);
    }

    private static void RefuseBelowUsage(CgroupFolder folder, string file, long? limit)
    {
        if (limit is > 0 and { } wanted && folder.TryReadNumber(file) is { } usage && usage > (ulong)wanted)
            throw new ContainerException(ContainerErrorKind.Conflict, $"{LimitSetting}: {wanted} is below the {usage} bytes in use now");
    }

    private static string? FirstSetting(MemorySettings settings)
    {
        if (settings.Limit is { } limit and not 0)
            return LimitSetting;
        if (settings.Swap is { } swap and not 0)
            return SwapSetting;
        if (settings.Reservation is { } reservation and not 0)
            return ReservationSetting;
        if (settings.KernelTcp is { } tcp and not 0)
            return "tcp memory limit";
        if (settings.Swappiness is not null)
            return "memory swappiness";
        return settings.DisableOomKiller == true ? "oom killer" : null;
    }

    private static string Text(long value) => value < 0 ? "max" : value.ToString();

    private static MemoryStats CollectV1(CgroupFolder folder, CgroupFolder? unified, byte[] text)
    {
        ulong usage = folder.TryReadNumber("memory.usage_in_bytes") ?? 0;
        ulong limit = Unlimited(folder.TryReadNumber("memory.limit_in_bytes"));
        return new MemoryStats
        {
            Usage = usage,
            Limit = limit,
            MaxUsage = folder.TryReadNumber("memory.max_usage_in_bytes") ?? 0,
            FailCount = folder.TryReadNumber("memory.failcnt") ?? 0,
            Swap = FlatFile.FindOrZero(text, "total_swap"u8),
            SwapLimit = ulong.MaxValue,
            Cache = FlatFile.FindOrZero(text, "total_cache"u8),
            Anonymous = FlatFile.FindOrZero(text, "total_rss"u8),
            File = FlatFile.FindOrZero(text, "total_active_file"u8) + FlatFile.FindOrZero(text, "total_inactive_file"u8),
            InactiveFile = FlatFile.FindOrZero(text, "total_inactive_file"u8),
            Kernel = folder.TryReadNumber("memory.kmem.usage_in_bytes") ?? 0,
            OomKills = folder.TryRead("memory.oom_control") is { } control ? FlatFile.FindOrZero(control, "oom_kill"u8) : 0,
            PageFaults = FlatFile.FindOrZero(text, "total_pgfault"u8),
            MajorPageFaults = FlatFile.FindOrZero(text, "total_pgmajfault"u8),
            Pressure = PressureFile.Read(unified, "memory.pressure"),
        };
    }

    private static MemoryStats CollectV2(CgroupFolder folder, byte[] text)
    {
        ulong? slab = FlatFile.Find(text, "slab"u8);
        ulong stack = FlatFile.FindOrZero(text, "kernel_stack"u8);
        ulong kernel = FlatFile.Find(text, "kernel"u8) ?? (slab ?? 0) + stack; // "kernel" came with Linux 5.18
        ulong usage = folder.TryReadNumber("memory.current") ?? 0, limit = folder.TryReadNumber("memory.max") ?? ulong.MaxValue;
        ulong swap = folder.TryReadNumber("memory.swap.current") ?? 0, swapLimit = folder.TryReadNumber("memory.swap.max") ?? ulong.MaxValue;
        byte[]? events = folder.TryRead("memory.events");
        ulong failures = folder.TryRead("memory.swap.events") is { } swapEvents ? FlatFile.FindOrZero(swapEvents, "max"u8) : 0;
        ulong bothLimit = limit > ulong.MaxValue - swapLimit ? ulong.MaxValue : limit + swapLimit;
        return new MemoryStats
        {
            Usage = usage,
            Limit = limit,
            MaxUsage = folder.TryReadNumber("memory.peak") ?? 0,
            FailCount = FlatFile.FindOrZero(events, "max"u8),
            OomKills = FlatFile.FindOrZero(events, "oom_kill"u8),
            Swap = swap,
            SwapLimit = swapLimit,
            WithSwap = new MemoryFigure(usage + swap, 0, bothLimit, failures),
            KernelFigure = new MemoryFigure(kernel, 0, ulong.MaxValue, 0),
            Cache = FlatFile.FindOrZero(text, "file"u8),
            Anonymous = FlatFile.FindOrZero(text, "anon"u8),
            File = FlatFile.FindOrZero(text, "active_file"u8) + FlatFile.FindOrZero(text, "inactive_file"u8),
            InactiveFile = FlatFile.FindOrZero(text, "inactive_file"u8),
            Kernel = kernel,
            Slab = slab,
            PageFaults = FlatFile.FindOrZero(text, "pgfault"u8),
            MajorPageFaults = FlatFile.FindOrZero(text, "pgmajfault"u8),
            Pressure = PressureFile.Read(folder, "memory.pressure"),
        };
    }

    /// <summary>What has files of its own on v1 and is seldom asked for.</summary>
    private static void AddFiguresV1(CgroupFolder folder, MemoryStats memory)
    {
        memory.WithSwap = FigureV1(folder, "memory.memsw.");
        memory.KernelFigure = FigureV1(folder, "memory.kmem.");
        memory.KernelTcp = FigureV1(folder, "memory.kmem.tcp.");
        ulong both = memory.WithSwap.Limit;
        memory.SwapLimit = both == ulong.MaxValue || memory.Limit > both ? ulong.MaxValue : both - memory.Limit;
    }

    private static MemoryFigure FigureV1(CgroupFolder folder, string prefix) => new(
        folder.TryReadNumber(prefix + "usage_in_bytes") ?? 0,
        folder.TryReadNumber(prefix + "max_usage_in_bytes") ?? 0,
        Unlimited(folder.TryReadNumber(prefix + "limit_in_bytes")),
        folder.TryReadNumber(prefix + "failcnt") ?? 0);

    /// <summary>v1 has no word for "no limit": it is the largest number of whole pages.</summary>
    private static ulong Unlimited(ulong? limit) => limit is null or >= 0x7fff_ffff_ffff_0000 ? ulong.MaxValue : limit.Value;

    private static Dictionary<string, ulong> AllLines(ReadOnlySpan<byte> text)
    {
        var lines = new Dictionary<string, ulong>(64);
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> key = MountInfoText.NextField(ref line);
            if (FlatFile.Number(line) is { } number)
                lines[Encoding.UTF8.GetString(key)] = number;
        }
        return lines;
    }
}
