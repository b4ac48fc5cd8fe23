using System.Text.Json.Serialization;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Options;

/// <summary>Limits of a container; null is no limit.</summary>
public sealed record ResourceOptions
{
    /// <summary>The least memory with which a container can be started, in bytes: 6 MiB, as with Docker.</summary>
    public const long MinimumMemory = 6L << 20;

    private const long Period = 100_000; // microseconds
    private const long DefaultRealtimePeriod = 1_000_000; // microseconds; of the kernel
    private const long MinimumWeight = 10;
    private const long MaximumWeight = 1000;
    private const long NanoPerQuota = 1_000_000_000 / Period;

    /// <summary>Memory in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Memory and swap together in bytes; -1 is no limit; null is twice the memory.</summary>
    public long? MemorySwap { get; init; }

    /// <summary>CPU time as billionths of a CPU.</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Relative weight, 2 to 262144; 1024 is usual.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Length of a period of CPU time in microseconds, 1000 to 1000000.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>Running time in each period in microseconds; -1 is no limit.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>Length of a real-time period in microseconds; cgroup v1 only.</summary>
    public long? CpuRealtimePeriod { get; init; }

    /// <summary>Real-time running time in each of its periods in microseconds; cgroup v1 only.</summary>
    public long? CpuRealtimeRuntime { get; init; }

    /// <summary>Processors, as in <c>0-3,7</c>.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>Memory nodes, as in <c>0,1</c>.</summary>
    public string? CpusetMems { get; init; }

    /// <summary>Memory in bytes that is the container's own when memory is short; a soft limit on cgroup v1.</summary>
    public long? MemoryReservation { get; init; }

    /// <summary>Readiness to swap, 0 to 100; cgroup v1 only.</summary>
    public long? MemorySwappiness { get; init; }

    /// <summary>Whether tasks wait for memory in place of being killed; cgroup v1 only.</summary>
    public bool OomKillDisable { get; init; }

    /// <summary>Block I/O weight against others, 10 to 1000.</summary>
    public long? BlkioWeight { get; init; }

    /// <summary>Block I/O weights of single devices.</summary>
    public IReadOnlyList<DeviceRateOption>? BlkioWeightDevices { get; init; }

    /// <summary>Bytes read in a second at most.</summary>
    public IReadOnlyList<DeviceRateOption>? DeviceReadBps { get; init; }

    /// <summary>Bytes written in a second at most.</summary>
    public IReadOnlyList<DeviceRateOption>? DeviceWriteBps { get; init; }

    /// <summary>Reads in a second at most.</summary>
    public IReadOnlyList<DeviceRateOption>? DeviceReadIops { get; init; }

    /// <summary>Writes in a second at most.</summary>
    public IReadOnlyList<DeviceRateOption>? DeviceWriteIops { get; init; }

    /// <summary>Tasks; -1 is no limit.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>The memory and swap limit that comes out of both options; null is none.</summary>
    [JsonIgnore]
    public long? EffectiveSwap => Memory is { } memory ? MemorySwap is null or 0 ? 2 * memory : MemorySwap : null;

    /// <summary>These where they are set, and others where they are not. Of the two ways to limit CPU time, the one that is set here counts.</summary>
    public ResourceOptions Over(ResourceOptions others)
    {
        bool byCpus = NanoCpus is not null, byQuota = (CpuPeriod ?? CpuQuota) is not null;
        return new ResourceOptions
        {
            Memory = Memory ?? others.Memory,
            MemorySwap = MemorySwap ?? others.MemorySwap,
            NanoCpus = NanoCpus ?? (byQuota ? null : others.NanoCpus),
            CpuShares = CpuShares ?? others.CpuShares,
            CpuPeriod = CpuPeriod ?? (byCpus ? null : others.CpuPeriod),
            CpuQuota = CpuQuota ?? (byCpus ? null : others.CpuQuota),
            CpuRealtimePeriod = CpuRealtimePeriod ?? others.CpuRealtimePeriod,
            CpuRealtimeRuntime = CpuRealtimeRuntime ?? others.CpuRealtimeRuntime,
            CpusetCpus = CpusetCpus ?? others.CpusetCpus,
            CpusetMems = CpusetMems ?? others.CpusetMems,
            MemoryReservation = MemoryReservation ?? others.MemoryReservation,
            MemorySwappiness = MemorySwappiness ?? others.MemorySwappiness,
            OomKillDisable = OomKillDisable || others.OomKillDisable,
            BlkioWeight = BlkioWeight ?? others.BlkioWeight,
            BlkioWeightDevices = BlkioWeightDevices ?? others.BlkioWeightDevices,
            DeviceReadBps = DeviceReadBps ?? others.DeviceReadBps,
            DeviceWriteBps = DeviceWriteBps ?? others.DeviceWriteBps,
            DeviceReadIops = DeviceReadIops ?? others.DeviceReadIops,
            DeviceWriteIops = DeviceWriteIops ?? others.DeviceWriteIops,
            PidsLimit = PidsLimit ?? others.PidsLimit,
        };
    }

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public void Validate()
    {
        Refuse(Memory is < MinimumMemory, $"memory limit {Memory} bytes is below the possible minimum", "use at least 6m");
        Refuse(MemorySwap is > 0 && Memory is null, "a memory and swap limit needs a memory limit", "add --memory");
        Refuse(MemorySwap is > 0 && MemorySwap < Memory, "the memory and swap limit is below the memory limit", "--memory-swap counts memory and swap together");
        Refuse(MemorySwap is < -1, $"invalid memory and swap limit {MemorySwap}", "use -1 for no limit");
        Refuse(NanoCpus is <= 0, "the number of cpus must be above 0", null);
        Refuse(NanoCpus is > 0 and < NanoPerQuota * 1000, "the number of cpus is below the possible minimum", "use at least 0.01");
        Refuse(NanoCpus > Environment.ProcessorCount * 1_000_000_000L, $"more cpus than this machine has: it has {Environment.ProcessorCount}", null);
        Refuse(CpuShares is < 2 or > 262_144, $"invalid cpu shares {CpuShares}", "use 2 to 262144");
        Refuse(PidsLimit is 0 or < -1, $"invalid pids limit {PidsLimit}", "use -1 for no limit");
        ValidateCpu();
        ValidateMemory();
        Refuse(BlkioWeight is not (null or 0 or (>= MinimumWeight and <= MaximumWeight)), $"invalid block I/O weight {BlkioWeight}", $"use {MinimumWeight} to {MaximumWeight}");
        foreach (DeviceRateOption device in BlkioWeightDevices ?? [])
            Refuse(device.Rate is < MinimumWeight or > MaximumWeight, $"invalid block I/O weight {device.Rate} of '{device.Path}'", $"use {MinimumWeight} to {MaximumWeight}");
    }

    /// <summary>As the specification has it, without device rules.</summary>
    /// <exception cref="ContainerException">NotFound or InvalidArgument: a block device that is named.</exception>
    public Resources ToResources() => new()
    {
        Memory = Memory is null && MemoryReservation is null && MemorySwappiness is null && !OomKillDisable
            ? null
            : new MemoryResources
            {
                Limit = Memory,
                Swap = EffectiveSwap,
                Reservation = MemoryReservation,
                Swappiness = (ulong?)MemorySwappiness,
                DisableOomKiller = OomKillDisable ? true : null,
            },
        Cpu = NanoCpus is null && CpuShares is null && !HasRareCpu
            ? null
            : new CpuResources
            {
                Shares = (ulong?)CpuShares,
                Quota = CpuQuota ?? NanoCpus / NanoPerQuota,
                Period = NanoCpus is null ? (ulong?)CpuPeriod : (ulong)Period,
                RealtimePeriod = (ulong?)CpuRealtimePeriod,
                RealtimeRuntime = CpuRealtimeRuntime,
                Cpus = CpusetCpus,
                Mems = CpusetMems,
            },
        Pids = PidsLimit is null ? null : new PidsResources { Limit = PidsLimit },
        BlockIo = BlockIo(),
    };

    private bool HasRareCpu => (CpuPeriod ?? CpuQuota ?? CpuRealtimePeriod ?? CpuRealtimeRuntime) is not null || (CpusetCpus ?? CpusetMems) is not null;

    private BlockIoResources? BlockIo()
    {
        if (BlkioWeight is null && (BlkioWeightDevices ?? DeviceReadBps ?? DeviceWriteBps ?? DeviceReadIops ?? DeviceWriteIops) is null)
            return null;
        return new BlockIoResources
        {
            Weight = (ushort?)BlkioWeight,
            WeightDevice = Rates(BlkioWeightDevices)?.ConvertAll(device => new WeightDevice { Major = device.Major, Minor = device.Minor, Weight = (ushort)device.Rate }),
            ThrottleReadBpsDevice = Rates(DeviceReadBps),
            ThrottleWriteBpsDevice = Rates(DeviceWriteBps),
            ThrottleReadIopsDevice = Rates(DeviceReadIops),
            ThrottleWriteIopsDevice = Rates(DeviceWriteIops),
        };
    }

    private static List<ThrottleDevice>? Rates(IReadOnlyList<DeviceRateOption>? devices)
    {
        List<ThrottleDevice> rates = [];
        foreach (DeviceRateOption device in devices ?? [])
        {
            HostDevice node = HostDevice.OfBlock(device.Path);
            rates.Add(new ThrottleDevice { Major = node.Major, Minor = node.Minor, Rate = (ulong)device.Rate });
        }
        return rates.Count > 0 ? rates : null;
    }

    private void ValidateCpu()
    {
        Refuse(NanoCpus is not null && (CpuPeriod ?? CpuQuota) is not null, "--cpus and --cpu-period or --cpu-quota exclude each other", "--cpus=1.5 is --cpu-period=100000 --cpu-quota=150000");
        Refuse(CpuPeriod is < 1000 or > 1_000_000, $"invalid cpu period {CpuPeriod}", "use 1000 to 1000000 microseconds");
        Refuse(CpuQuota is not (null or -1 or >= 1000), $"invalid cpu quota {CpuQuota}", "use at least 1000 microseconds, or -1 for no limit");
        Refuse(CpuRealtimePeriod is < 1, $"invalid real-time period {CpuRealtimePeriod}", null);
        Refuse(CpuRealtimeRuntime is < 0, $"invalid real-time runtime {CpuRealtimeRuntime}", null);
        Refuse(CpuRealtimeRuntime > (CpuRealtimePeriod ?? DefaultRealtimePeriod), "the real-time runtime is above its period", null);
        if (CpusetCpus is not null)
            CpuSet.Validate(CpusetCpus, "processors", FileIo.TryReadText("/sys/devices/system/cpu/online")?.Trim());
        if (CpusetMems is not null)
            CpuSet.Validate(CpusetMems, "memory nodes", FileIo.TryReadText("/sys/devices/system/node/online")?.Trim());
    }

    private void ValidateMemory()
    {
        Refuse(MemoryReservation is < MinimumMemory, $"memory reservation {MemoryReservation} bytes is below the possible minimum", "use at least 6m");
        Refuse(MemoryReservation > Memory, "the memory reservation is above the memory limit", null);
        Refuse(MemorySwappiness is < 0 or > 100, $"invalid memory swappiness {MemorySwappiness}", "use 0 to 100");
    }

    private static void Refuse(bool isWrong, string message, string? hint)
    {
        if (isWrong)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
    }
}
