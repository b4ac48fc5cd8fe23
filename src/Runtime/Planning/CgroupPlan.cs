using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>From the spec's <c>resources</c> and <c>cgroupsPath</c> to the words of the Linux layer.</summary>
internal static class CgroupPlan
{
    /// <summary>What <c>linux.resources</c> asks for.</summary>
    /// <exception cref="ContainerException">A value is out of range.</exception>
    public static CgroupSettings SettingsOf(Resources? resources, bool bestEffort)
    {
        CgroupSettings settings = new() { BestEffort = bestEffort };
        if (resources is null)
            return settings;
        settings.Memory = MemoryOf(resources.Memory);
        settings.Cpu = CpuOf(resources.Cpu);
        settings.CpusetCpus = resources.Cpu?.Cpus;
        settings.CpusetMems = resources.Cpu?.Mems;
        settings.PidsLimit = resources.Pids?.Limit;
        settings.BlockIo = BlockIoOf(resources.BlockIo);
        settings.Hugetlb = Map(resources.HugepageLimits, limit => new HugetlbSetting(limit.PageSize, limit.Limit));
        settings.Rdma = RdmaOf(resources.Rdma);
        settings.NetworkClassId = resources.Network?.ClassId;
        settings.NetworkPriorities = Map(resources.Network?.Priorities, item => new NetworkPriority(item.Name, item.Priority));
        settings.Devices = DevicesOf(resources.Devices);
        settings.Unified = resources.Unified;
        return settings;
    }

    /// <summary>
    /// Who is to own the cgroup: the host's number of the container's user, where it has a cgroup namespace of its own and a
    /// writable mount of it (config-linux.md, "Cgroup ownership"). Null where it stays the runtime's.
    /// </summary>
    public static uint? OwnerOf(CgroupLayout layout, Spec spec)
    {
        if (layout.Mode != CgroupMode.V2 || !HasOwnNamespace(spec) || !HasWritableMount(spec))
            return null;
        uint uid = spec.Process?.User.Uid ?? 0;
        if ((NamespaceTable.FlagsOf(spec.Linux!.Namespaces) & Syscalls.CLONE.NEWUSER) == 0)
            return uid == 0 ? null : uid;
        foreach (IdMapping mapping in spec.Linux.UidMappings ?? [])
        {
            if (uid >= mapping.ContainerId && uid - mapping.ContainerId < mapping.Size && mapping.HostId + (uid - mapping.ContainerId) is var host and not 0)
                return host;
        }
        return null;
    }

    private static bool HasOwnNamespace(Spec spec)
    {
        foreach (Namespace item in spec.Linux!.Namespaces ?? [])
        {
            if (item.Type == "cgroup" && string.IsNullOrEmpty(item.Path))
                return true;
        }
        return false;
    }

    private static bool HasWritableMount(Spec spec)
    {
        foreach (Mount mount in spec.Mounts ?? [])
        {
            if (mount.Source == "cgroup" && mount.Destination == "/sys/fs/cgroup")
                return mount.Options?.Contains("ro") != true;
        }
        return false;
    }

    /// <summary>What a mount of type <c>cgroup</c> shows in the container.</summary>
    public static CgroupMountSource MountSource(CgroupLayout layout, Cgroup cgroup, Spec spec)
    {
        bool ownNamespace = (NamespaceTable.FlagsOf(spec.Linux!.Namespaces) & Syscalls.CLONE.NEWCGROUP) != 0;
        List<(string Folder, IReadOnlyList<string> Keys, string HostPath)> hierarchies = [];
        foreach (CgroupHierarchy hierarchy in layout.Hierarchies)
        {
            bool unified = hierarchy.IsV2;
            string folder = unified ? "unified" : string.Join(',', hierarchy.Names).Replace("name=", "");
            IReadOnlyList<string> keys = unified ? ["cgroup2"] : [.. hierarchy.Names];
            string host = cgroup.PathOf(unified ? "" : hierarchy.Names[0]) ?? hierarchy.MountPoint + hierarchy.OwnPath;
            hierarchies.Add((folder, keys, host));
        }
        return new CgroupMountSource(layout.Mode == CgroupMode.V2, hierarchies, ownNamespace, cgroup.BestEffort);
    }

    private static MemorySettings? MemoryOf(MemoryResources? memory) => memory is null ? null : new MemorySettings
    {
        Limit = memory.Limit,
        Swap = memory.Swap,
        Reservation = memory.Reservation,
        KernelTcp = memory.KernelTcp,
        Swappiness = memory.Swappiness,
        DisableOomKiller = memory.DisableOomKiller,
        CheckBeforeUpdate = memory.CheckBeforeUpdate ?? false,
    };

    private static CpuSettings? CpuOf(CpuResources? cpu) => cpu is null ? null : new CpuSettings
    {
        Shares = cpu.Shares,
        Quota = cpu.Quota,
        Period = cpu.Period,
        Burst = cpu.Burst,
        Idle = cpu.Idle,
        RealtimeRuntime = cpu.RealtimeRuntime,
        RealtimePeriod = cpu.RealtimePeriod,
    };

    private static DeviceWeight WeightOf(WeightDevice item)
    {
        if (item.Weight is null && item.LeafWeight is null)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.resources.blockIO.weightDevice: device {item.Major}:{item.Minor} has neither a weight nor a leafWeight");
        return new DeviceWeight(Number(item.Major, "major"), Number(item.Minor, "minor"), item.Weight ?? 0, item.LeafWeight ?? 0);
    }

    private static BlockIoSettings? BlockIoOf(BlockIoResources? io) => io is null ? null : new BlockIoSettings
    {
        Weight = io.Weight,
        LeafWeight = io.LeafWeight,
        DeviceWeights = Map(io.WeightDevice, WeightOf),
        ReadBytes = RatesOf(io.ThrottleReadBpsDevice),
        WriteBytes = RatesOf(io.ThrottleWriteBpsDevice),
        ReadOperations = RatesOf(io.ThrottleReadIopsDevice),
        WriteOperations = RatesOf(io.ThrottleWriteIopsDevice),
    };

    private static DeviceRate[] RatesOf(List<ThrottleDevice>? devices) =>
        Map(devices, item => new DeviceRate(Number(item.Major, "major"), Number(item.Minor, "minor"), item.Rate));

    // In place of LINQ, which costs runcs a tenth of its size.
    private static TTo[] Map<TFrom, TTo>(List<TFrom>? from, Func<TFrom, TTo> map)
    {
        TTo[] to = new TTo[from?.Count ?? 0];
        for (int i = 0; i < to.Length; i++)
            to[i] = map(from![i]);
        return to;
    }

    private static List<RdmaSetting> RdmaOf(Dictionary<string, RdmaLimit>? limits)
    {
        List<RdmaSetting> settings = [];
        foreach ((string device, RdmaLimit limit) in limits ?? [])
        {
            if (limit.HcaHandles is null && limit.HcaObjects is null)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.resources.rdma: device '{device}' has neither hcaHandles nor hcaObjects");
            settings.Add(new RdmaSetting(device, limit.HcaHandles, limit.HcaObjects));
        }
        return settings;
    }

    // The default devices stay usable whatever the list says, as every runtime has it: the program could not run without.
    private static List<DeviceAccessRule>? DevicesOf(List<DeviceRule>? rules)
    {
        if (rules is not { Count: > 0 })
            return null;
        List<DeviceAccessRule> access = [];
        foreach (DeviceRule rule in rules)
        {
            DeviceType type = rule.Type switch
            {
                null or "" or "a" => DeviceType.Any,
                "b" => DeviceType.Block,
                "c" or "u" => DeviceType.Character,
                _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.resources.devices: unknown type '{rule.Type}'"),
            };
            access.Add(new DeviceAccessRule(rule.Allow, type, NumberOrAny(rule.Major, "major"), NumberOrAny(rule.Minor, "minor"), DeviceAccessRule.ParseAccess(rule.Access ?? "rwm")));
        }
        foreach ((uint major, uint minor) in AlwaysAllowed)
            access.Add(new DeviceAccessRule(true, DeviceType.Character, major, minor, DeviceAccess.All));
        access.Add(new DeviceAccessRule(true, DeviceType.Character, 136, null, DeviceAccess.All)); // ptys
        access.Add(new DeviceAccessRule(true, DeviceType.Any, null, null, DeviceAccess.Mknod));
        return access;
    }

    private static readonly (uint Major, uint Minor)[] AlwaysAllowed = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2)];

    private static uint? NumberOrAny(long? value, string what) => value is null or -1 ? null : Number(value.Value, what);

    private static uint Number(long value, string what) => value is >= 0 and <= uint.MaxValue
        ? (uint)value
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.resources: {what} number {value} of a device is out of range");
}
