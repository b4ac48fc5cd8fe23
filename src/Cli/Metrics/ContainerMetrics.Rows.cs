namespace Rundlet.Cli.Metrics;

internal static partial class ContainerMetrics
{
    /// <summary>The families, in the order of the page.</summary>
    public static IReadOnlyList<ContainerMetric> All { get; } =
    [
        new("container_state", MetricType.Gauge, "1 for the state in which the container is.", reading => [new MetricPoint(1, "state", reading.Standing.Phase.ToString().ToLowerInvariant())]),
        Standing("container_created_seconds", "When the container was made, in seconds since 1970.", reading => Moment(reading.Record.Created)),
        Standing("container_start_time_seconds", "When the container was started last, in seconds since 1970.", reading => Moment(reading.Standing.Exit?.StartedAt ?? reading.Standing.State?.StartedAt)),
        Standing("container_finish_time_seconds", "When the container ended, in seconds since 1970; only of those that do not run.", reading => Moment(reading.Standing.Exit?.FinishedAt)),
        Standing("container_exit_code", "The exit code of the container; only of those that do not run.", reading => reading.Standing.Exit?.ExitCode),
        Standing("container_health_state", "1 where the health check says that the container is well, 0 where it does not yet or any more; only where one is made.", reading => HealthOf(reading.Standing)),
        new("container_restarts_total", MetricType.Counter, "How often the restart policy has started the container again.", reading => [new MetricPoint(reading.Standing.RestartCount)]),

        Counter("container_cpu_usage_seconds_total", "CPU time that was used.", stats => stats.Cgroup.Cpu?.Total / NanosecondsPerSecond),
        Counter("container_cpu_user_seconds_total", "CPU time that was used outside of the kernel.", stats => stats.Cgroup.Cpu?.User / NanosecondsPerSecond),
        Counter("container_cpu_system_seconds_total", "CPU time that was used in the kernel.", stats => stats.Cgroup.Cpu?.System / NanosecondsPerSecond),
        Counter("container_cpu_cfs_periods_total", "Periods in which a CPU limit was in force.", stats => stats.Cgroup.Cpu?.Periods),
        Counter("container_cpu_cfs_throttled_periods_total", "Periods in which the CPU limit was hit.", stats => stats.Cgroup.Cpu?.ThrottledPeriods),
        Counter("container_cpu_cfs_throttled_seconds_total", "Time that tasks waited because of the CPU limit.", stats => stats.Cgroup.Cpu?.ThrottledTime / NanosecondsPerSecond),

        Gauge("container_memory_usage_bytes", "Memory in use, page cache included.", stats => stats.Cgroup.Memory?.Usage),
        Gauge("container_memory_working_set_bytes", "Memory in use as stats shows it: without page cache that was not used for long.", stats => stats.Cgroup.Memory is null ? null : stats.Memory),
        Gauge("container_memory_max_usage_bytes", "The most memory that was in use, where the kernel remembers it.", stats => stats.Cgroup.Memory is { MaxUsage: > 0 } memory ? memory.MaxUsage : null),
        Gauge("container_memory_rss", "Anonymous memory in bytes.", stats => stats.Cgroup.Memory?.Anonymous),
        Gauge("container_memory_cache", "Page cache in bytes, shared memory included.", stats => stats.Cgroup.Memory?.Cache),
        Gauge("container_memory_kernel_usage", "Memory of the kernel in bytes.", stats => stats.Cgroup.Memory?.Kernel),
        Gauge("container_memory_slab_bytes", "Memory of the kernel that is in slabs; with cgroup v2.", stats => stats.Cgroup.Memory?.Slab),
        Gauge("container_memory_swap", "Swap in use in bytes.", stats => stats.Cgroup.Memory?.Swap),
        Counter("container_memory_limit_hits_total", "How often the memory limit was hit.", stats => stats.Cgroup.Memory?.FailCount),
        new(
            "container_memory_failures_total", MetricType.Counter, "Page faults; those of kind pgmajfault waited for a disk.",
            reading => reading.Stats?.Cgroup.Memory is { } memory ? [new(memory.PageFaults, "failure_type", "pgfault"), new(memory.MajorPageFaults, "failure_type", "pgmajfault")] : []),
        Counter("container_oom_events_total", "Processes that the kernel killed for want of memory.", stats => stats.Cgroup.Memory?.OomKills),
        Gauge("container_spec_memory_limit_bytes", "The memory limit; only of containers that have one.", stats => Limit(stats.Cgroup.Memory?.Limit)),

        Waiting("cpu", "Time that some task waited for a CPU.", cgroup => cgroup.Cpu?.Pressure),
        Stalled("cpu", "Time that all tasks waited for a CPU.", cgroup => cgroup.Cpu?.Pressure),
        Waiting("memory", "Time that some task waited for memory.", cgroup => cgroup.Memory?.Pressure),
        Stalled("memory", "Time that all tasks waited for memory.", cgroup => cgroup.Memory?.Pressure),
        Waiting("io", "Time that some task waited for block devices.", cgroup => cgroup.IoPressure),
        Stalled("io", "Time that all tasks waited for block devices.", cgroup => cgroup.IoPressure),

        Device("container_fs_reads_bytes_total", "Bytes that were read from a block device.", device => device.ReadBytes),
        Device("container_fs_reads_total", "Reads from a block device.", device => device.Reads),
        Device("container_fs_writes_bytes_total", "Bytes that were written to a block device.", device => device.WrittenBytes),
        Device("container_fs_writes_total", "Writes to a block device.", device => device.Writes),

        Gauge("container_threads", "Tasks.", stats => stats.Cgroup.Pids?.Current),
        Gauge("container_threads_max", "The limit of tasks; only of containers that have one.", stats => Limit(stats.Cgroup.Pids?.Limit)),

        Interface("container_network_receive_bytes_total", "Bytes that came in by an interface.", link => link.ReceivedBytes),
        Interface("container_network_receive_packets_total", "Packets that came in by an interface.", link => link.ReceivedPackets),
        Interface("container_network_receive_errors_total", "Packets that came in broken by an interface.", link => link.ReceiveErrors),
        Interface("container_network_receive_packets_dropped_total", "Packets that came in by an interface and were thrown away.", link => link.ReceiveDropped),
        Interface("container_network_transmit_bytes_total", "Bytes that went out by an interface.", link => link.SentBytes),
        Interface("container_network_transmit_packets_total", "Packets that went out by an interface.", link => link.SentPackets),
        Interface("container_network_transmit_errors_total", "Packets that an interface could not send.", link => link.SendErrors),
        Interface("container_network_transmit_packets_dropped_total", "Packets that an interface threw away in place of sending them.", link => link.SendDropped),
    ];
}
