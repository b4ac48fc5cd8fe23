using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>Limits with changes on top: what <c>update</c> was given counts, what it was not given stays as it was.</summary>
internal static class ResourceMerge
{
    /// <summary>A new document; neither of the two is changed.</summary>
    public static Resources Of(Resources? before, Resources changes)
    {
        before ??= new Resources();
        return new Resources
        {
            Devices = changes.Devices ?? before.Devices,
            Memory = Of(before.Memory, changes.Memory),
            Cpu = Of(before.Cpu, changes.Cpu),
            Pids = changes.Pids?.Limit is null ? before.Pids : changes.Pids,
            BlockIo = Of(before.BlockIo, changes.BlockIo),
            HugepageLimits = Of(before.HugepageLimits, changes.HugepageLimits),
            Network = Of(before.Network, changes.Network),
            Rdma = Of(before.Rdma, changes.Rdma),
            Unified = Of(before.Unified, changes.Unified),
        };
    }

    /// <summary>Memory limits.</summary>
    public static MemoryResources? Of(MemoryResources? before, MemoryResources? changes)
    {
        if (before is null || changes is null)
            return changes ?? before;
        return new MemoryResources
        {
            Limit = Set(changes.Limit) ?? before.Limit,
            Reservation = Set(changes.Reservation) ?? before.Reservation,
            Swap = Set(changes.Swap) ?? before.Swap,
            Kernel = Set(changes.Kernel) ?? before.Kernel,
            KernelTcp = Set(changes.KernelTcp) ?? before.KernelTcp,
            Swappiness = changes.Swappiness ?? before.Swappiness,
            DisableOomKiller = changes.DisableOomKiller ?? before.DisableOomKiller,
            UseHierarchy = changes.UseHierarchy ?? before.UseHierarchy,
            CheckBeforeUpdate = changes.CheckBeforeUpdate ?? before.CheckBeforeUpdate,
        };
    }

    private static CpuResources? Of(CpuResources? before, CpuResources? changes)
    {
        if (before is null || changes is null)
            return changes ?? before;
        return new CpuResources
        {
            Shares = Set(changes.Shares) ?? before.Shares,
            Quota = Set(changes.Quota) ?? before.Quota,
            Burst = changes.Burst ?? before.Burst,
            Period = Set(changes.Period) ?? before.Period,
            RealtimeRuntime = Set(changes.RealtimeRuntime) ?? before.RealtimeRuntime,
            RealtimePeriod = Set(changes.RealtimePeriod) ?? before.RealtimePeriod,
            Cpus = changes.Cpus is { Length: > 0 } cpus ? cpus : before.Cpus,
            Mems = changes.Mems is { Length: > 0 } mems ? mems : before.Mems,
            Idle = changes.Idle ?? before.Idle,
        };
    }

    private static BlockIoResources? Of(BlockIoResources? before, BlockIoResources? changes)
    {
        if (before is null || changes is null)
            return changes ?? before;
        return new BlockIoResources
        {
            Weight = changes.Weight is > 0 and { } weight ? weight : before.Weight,
            LeafWeight = changes.LeafWeight is > 0 and { } leaf ? leaf : before.LeafWeight,
            WeightDevice = Of(before.WeightDevice, changes.WeightDevice, static (a, b) => a.Major == b.Major && a.Minor == b.Minor),
            ThrottleReadBpsDevice = Of(before.ThrottleReadBpsDevice, changes.ThrottleReadBpsDevice),
            ThrottleWriteBpsDevice = Of(before.ThrottleWriteBpsDevice, changes.ThrottleWriteBpsDevice),
            ThrottleReadIopsDevice = Of(before.ThrottleReadIopsDevice, changes.ThrottleReadIopsDevice),
            ThrottleWriteIopsDevice = Of(before.ThrottleWriteIopsDevice, changes.ThrottleWriteIopsDevice),
        };
    }

    private static NetworkResources? Of(NetworkResources? before, NetworkResources? changes)
    {
        if (before is null || changes is null)
            return changes ?? before;
        return new NetworkResources
        {
            ClassId = changes.ClassId ?? before.ClassId,
            Priorities = Of(before.Priorities, changes.Priorities, static (a, b) => a.Name == b.Name),
        };
    }

    private static List<ThrottleDevice>? Of(List<ThrottleDevice>? before, List<ThrottleDevice>? changes) =>
        Of(before, changes, static (a, b) => a.Major == b.Major && a.Minor == b.Minor);

    private static List<HugepageLimit>? Of(List<HugepageLimit>? before, List<HugepageLimit>? changes) =>
        Of(before, changes, static (a, b) => a.PageSize == b.PageSize);

    /// <summary>Entries about the same thing are replaced, others are added.</summary>
    private static List<T>? Of<T>(List<T>? before, List<T>? changes, Func<T, T, bool> same)
    {
        if (before is not { Count: > 0 } || changes is not { Count: > 0 })
            return changes is { Count: > 0 } ? changes : before;
        List<T> all = [.. before];
        foreach (T change in changes)
        {
            int at = all.FindIndex(item => same(item, change));
            if (at < 0)
                all.Add(change);
            else
                all[at] = change;
        }
        return all;
    }

    private static Dictionary<string, T>? Of<T>(Dictionary<string, T>? before, Dictionary<string, T>? changes)
    {
        if (before is not { Count: > 0 } || changes is not { Count: > 0 })
            return changes is { Count: > 0 } ? changes : before;
        Dictionary<string, T> all = new(before);
        foreach ((string key, T value) in changes)
            all[key] = value;
        return all;
    }

    // Engines write zero for "leave it".
    private static long? Set(long? value) => value is 0 ? null : value;

    private static ulong? Set(ulong? value) => value is 0 ? null : value;
}
