namespace Rundlet.Oci;

/// <summary>Scheduling of a process, sched_setattr(2) (config.md, Linux Process).</summary>
public sealed class Scheduler
{
    /// <summary>Policy: <c>SCHED_OTHER</c>, <c>SCHED_FIFO</c>, <c>SCHED_DEADLINE</c>, ….</summary>
    public required string Policy { get; set; }

    /// <summary>Nice value, -20 to 19, for SCHED_OTHER and SCHED_BATCH.</summary>
    public int? Nice { get; set; }

    /// <summary>Static priority, 1 to 99, for SCHED_FIFO and SCHED_RR.</summary>
    public int? Priority { get; set; }

    /// <summary>Flags: <c>SCHED_FLAG_RESET_ON_FORK</c>, ….</summary>
    public List<string>? Flags { get; set; }

    /// <summary>Running time in each period for SCHED_DEADLINE, in nanoseconds.</summary>
    public ulong? Runtime { get; set; }

    /// <summary>Deadline for SCHED_DEADLINE, in nanoseconds.</summary>
    public ulong? Deadline { get; set; }

    /// <summary>Period for SCHED_DEADLINE, in nanoseconds.</summary>
    public ulong? Period { get; set; }
}
