using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Stats;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Metrics;

/// <summary>All families of samples about containers; the table is in the other part. Names are cAdvisor's where it has one for the same thing.</summary>
internal static partial class ContainerMetrics
{
    private const double NanosecondsPerSecond = 1e9, MicrosecondsPerSecond = 1e6;

    private static ContainerMetric Gauge(string name, string help, Func<ContainerStats, double?> value) => Single(name, MetricType.Gauge, help, value);

    private static ContainerMetric Counter(string name, string help, Func<ContainerStats, double?> value) => Single(name, MetricType.Counter, help, value);

    private static ContainerMetric Single(string name, MetricType type, string help, Func<ContainerStats, double?> value) =>
        new(name, type, help, reading => reading.Stats is { } stats && value(stats) is { } known ? [new MetricPoint(known)] : []);

    private static ContainerMetric Standing(string name, string help, Func<ContainerReading, double?> value) =>
        new(name, MetricType.Gauge, help, reading => value(reading) is { } known ? [new MetricPoint(known)] : []);

    private static ContainerMetric Device(string name, string help, Func<BlockIoStats, double> value) => new(
        name, MetricType.Counter, help,
        reading => reading.Stats?.Cgroup.BlockIo.Select(device => new MetricPoint(value(device), "device", reading.DeviceName(device.Major, device.Minor))) ?? []);

    private static ContainerMetric Interface(string name, string help, Func<LinkStatistics, double> value) => new(
        name, MetricType.Counter, help,
        reading => reading.Stats?.Interfaces.Select(one => new MetricPoint(value(one.Counters), "interface", one.Name)) ?? []);

    private static ContainerMetric Waiting(string resource, string help, Func<CgroupStats, PressureStats?> pressure) =>
        Counter($"container_pressure_{resource}_waiting_seconds_total", help, stats => pressure(stats.Cgroup)?.Some.Total / MicrosecondsPerSecond);

    private static ContainerMetric Stalled(string resource, string help, Func<CgroupStats, PressureStats?> pressure) =>
        Counter($"container_pressure_{resource}_stalled_seconds_total", help, stats => pressure(stats.Cgroup)?.Full.Total / MicrosecondsPerSecond);

    private static double? HealthOf(ContainerStanding standing) => standing is { HasProcess: true, State.Health: { } health } ? health == HealthStatus.Healthy ? 1 : 0 : null;

    private static double? Limit(ulong? limit) => limit is null or ulong.MaxValue ? null : limit;

    private static double? Moment(DateTimeOffset? moment) => moment is { } known && known != default ? known.ToUnixTimeMilliseconds() / 1000.0 : null;
}
