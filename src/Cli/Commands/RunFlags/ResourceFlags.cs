using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What the container may use up.</summary>
internal static class ResourceFlags
{
    private const string Heading = "Resources";

    /// <summary>The flags whose values can be changed while the container runs: those of <c>update</c>.</summary>
    public static IReadOnlyList<Option> Changeable { get; } =
    [
        .. Option.Under(
            Heading,
            new("memory", 'm', "SIZE", "memory limit, as in 128m; at least 6m"),
            new("memory-swap", null, "SIZE", "limit of memory and swap together; -1 for none (default: twice the memory)"),
            new("memory-reservation", null, "SIZE", "memory that it keeps when memory is short"),
            new("kernel-memory", null, "SIZE", "") { Refusal = "kernels have no such limit any more" },
            new("cpus", null, "NUMBER", "how many CPUs' time it may use, as in 1.5"),
            new("cpu-shares", 'c', "WEIGHT", "CPU weight against others, 2 to 262144 (usual: 1024)"),
            new("cpu-period", null, "MICROSECONDS", "length of a period of CPU time"),
            new("cpu-quota", null, "MICROSECONDS", "CPU time in each period; -1 for no limit"),
            new("cpu-rt-period", null, "MICROSECONDS", "length of a real-time period; cgroup v1 only"),
            new("cpu-rt-runtime", null, "MICROSECONDS", "real-time CPU time in each of them; cgroup v1 only"),
            new("cpuset-cpus", null, "LIST", "processors to run on, as in 0-3,7"),
            new("cpuset-mems", null, "LIST", "memory nodes to use, as in 0,1"),
            new("pids-limit", null, "NUMBER", "how many processes and threads it may have; -1 for no limit"),
            new("blkio-weight", null, "WEIGHT", "block I/O weight against others, 10 to 1000")),
    ];

    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } =
    [
        .. Changeable,
        .. Option.Under(
            Heading,
            new("blkio-weight-device", null, "DEVICE:WEIGHT", "the same for one device"),
            new("device-read-bps", null, "DEVICE:SIZE", "bytes read from a device in a second, as in /dev/sda:1mb"),
            new("device-write-bps", null, "DEVICE:SIZE", "bytes written to a device in a second"),
            new("device-read-iops", null, "DEVICE:NUMBER", "reads from a device in a second"),
            new("device-write-iops", null, "DEVICE:NUMBER", "writes to a device in a second"),
            new("memory-swappiness", null, "0..100", "how readily memory is swapped; cgroup v1 only"),
            new("oom-kill-disable", null, null, "wait for memory in place of being killed; cgroup v1 only"),
            new("oom-score-adj", null, "-1000..1000", "how readily it is killed for lack of memory"),
            new("ulimit", null, "NAME=SOFT[:HARD]", "limit of each process, as in nofile=1024:4096; -1 for none"),
            new("cgroup-parent", null, "PATH", "the cgroup above its own (default /rundlet)")),
    ];

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Resources = Read(arguments),
        OomScoreAdj = (int)(arguments.Number("oom-score-adj", -1000, 1000) ?? 0),
        Ulimits = [.. arguments.Values("ulimit").Select(UlimitOption.Parse).GroupBy(limit => limit.Name).Select(same => same.Last())],
        CgroupParent = arguments.Value("cgroup-parent") is { Length: > 0 } parent ? "/" + parent.Trim('/') : null,
    };

    /// <summary>Limits alone; what no flag says is null.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ResourceOptions Read(Arguments arguments) => new()
    {
        Memory = Bytes(arguments, "memory", "memory limit"),
        MemorySwap = arguments.Value("memory-swap") is { } swap ? Quantity.ParseBytesOrNone(swap, "memory and swap limit") : null,
        MemoryReservation = Bytes(arguments, "memory-reservation", "memory reservation"),
        MemorySwappiness = arguments.Number("memory-swappiness", -1, 100) is { } swappiness and >= 0 ? swappiness : null,
        OomKillDisable = arguments.Has("oom-kill-disable"),
        NanoCpus = arguments.Value("cpus") is { } cpus ? Quantity.ParseCpus(cpus) : null,
        CpuShares = arguments.Number("cpu-shares"),
        CpuPeriod = arguments.Number("cpu-period"),
        CpuQuota = arguments.Number("cpu-quota"),
        CpuRealtimePeriod = arguments.Number("cpu-rt-period"),
        CpuRealtimeRuntime = arguments.Number("cpu-rt-runtime"),
        CpusetCpus = arguments.Value("cpuset-cpus"),
        CpusetMems = arguments.Value("cpuset-mems"),
        PidsLimit = arguments.Number("pids-limit"),
        BlkioWeight = arguments.Number("blkio-weight"),
        BlkioWeightDevices = Devices(arguments, "blkio-weight-device", DeviceRateOption.ParseNumber),
        DeviceReadBps = Devices(arguments, "device-read-bps", DeviceRateOption.ParseBytes),
        DeviceWriteBps = Devices(arguments, "device-write-bps", DeviceRateOption.ParseBytes),
        DeviceReadIops = Devices(arguments, "device-read-iops", DeviceRateOption.ParseNumber),
        DeviceWriteIops = Devices(arguments, "device-write-iops", DeviceRateOption.ParseNumber),
    };

    private static long? Bytes(Arguments arguments, string flag, string what) => arguments.Value(flag) is { } text ? Quantity.ParseBytes(text, what) : null;

    private static List<DeviceRateOption>? Devices(Arguments arguments, string flag, Func<string, DeviceRateOption> parse) =>
        arguments.Values(flag) is { Count: > 0 } values ? [.. values.Select(parse)] : null;
}
