namespace Rundlet.Engine.Specs;

/// <summary>Paths of the kernel that tell about, or change, the host.</summary>
internal static class DefaultPaths
{
    /// <summary>What a container must not read.</summary>
    public static List<string> Masked(int processors)
    {
        List<string> paths =
        [
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware",
        ];
        for (int cpu = 0; cpu < processors; cpu++)
        {
            string path = $"/sys/devices/system/cpu/cpu{cpu}/thermal_throttle";
            if (Directory.Exists(path))
                paths.Add(path);
        }
        return paths;
    }

    /// <summary>What a container must not write.</summary>
    public static List<string> ReadOnly() => ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
}
