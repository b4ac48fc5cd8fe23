using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>From <c>process.scheduler</c> and <c>process.ioPriority</c> to what sched_setattr(2) and ioprio_set(2) take.</summary>
internal static class SchedulerPlan
{
    /// <summary>The size of <see cref="sched_attr"/>, in bytes.</summary>
    public const int Size = 56;

    private const int MinNice = -20;
    private const int MaxNice = 19;
    private const int MaxIoPriority = 7;

    /// <summary>The attributes; checks what the kernel would answer with a bare EINVAL.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>, naming the member.</exception>
    public static sched_attr AttributesOf(Scheduler scheduler)
    {
        uint policy = PolicyOf(scheduler.Policy);
        bool fair = policy is SCHED.NORMAL or SCHED.BATCH;
        bool realtime = policy is SCHED.FIFO or SCHED.RR;
        if (scheduler.Nice is < MinNice or > MaxNice)
            throw Invalid("nice", $"must lie between {MinNice} and {MaxNice}, not {scheduler.Nice}");
        if (scheduler.Priority is { } priority and not 0 && (!realtime || priority is < 1 or > 99))
            throw Invalid("priority", realtime ? $"must lie between 1 and 99, not {priority}" : $"is for SCHED_FIFO and SCHED_RR, not for {scheduler.Policy}");
        if (policy != SCHED.DEADLINE && (scheduler.Runtime ?? scheduler.Deadline ?? scheduler.Period ?? 0) != 0)
            throw Invalid("runtime, deadline and period", $"are for SCHED_DEADLINE, not for {scheduler.Policy}");
        ulong flags = 0;
        foreach (string flag in scheduler.Flags ?? [])
            flags |= FlagOf(flag);
        return new sched_attr
        {
            size = Size,
            sched_policy = policy,
            sched_flags = flags,
            sched_nice = fair ? scheduler.Nice ?? 0 : 0,
            sched_priority = realtime ? (uint)(scheduler.Priority ?? 0) : 0,
            sched_runtime = scheduler.Runtime ?? 0,
            sched_deadline = scheduler.Deadline ?? 0,
            sched_period = scheduler.Period ?? 0,
        };
    }

    /// <summary>Class and priority in one number.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>, naming the member.</exception>
    public static int NumberOf(IoPriority priority)
    {
        int number = priority.Class switch
        {
            "IOPRIO_CLASS_RT" => IOPRIO.CLASS_RT,
            "IOPRIO_CLASS_BE" => IOPRIO.CLASS_BE,
            "IOPRIO_CLASS_IDLE" => IOPRIO.CLASS_IDLE,
            _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"process.ioPriority.class has the unknown value '{priority.Class}'"),
        };
        if (priority.Priority is < 0 or > MaxIoPriority)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"process.ioPriority.priority must lie between 0 and {MaxIoPriority}, not {priority.Priority}");
        return number << IOPRIO.CLASS_SHIFT | priority.Priority;
    }

    private static uint PolicyOf(string policy) => policy switch
    {
        "SCHED_OTHER" => SCHED.NORMAL,
        "SCHED_FIFO" => SCHED.FIFO,
        "SCHED_RR" => SCHED.RR,
        "SCHED_BATCH" => SCHED.BATCH,
        "SCHED_IDLE" => SCHED.IDLE,
        "SCHED_DEADLINE" => SCHED.DEADLINE,
        "SCHED_ISO" => throw Invalid("policy", "'SCHED_ISO' is a name that no kernel of Linux has made anything of"),
        _ => throw Invalid("policy", $"has the unknown value '{policy}'"),
    };

    private static ulong FlagOf(string flag) => flag switch
    {
        "SCHED_FLAG_RESET_ON_FORK" => SCHED.FLAG_RESET_ON_FORK,
        "SCHED_FLAG_RECLAIM" => SCHED.FLAG_RECLAIM,
        "SCHED_FLAG_DL_OVERRUN" => SCHED.FLAG_DL_OVERRUN,
        "SCHED_FLAG_KEEP_POLICY" => SCHED.FLAG_KEEP_POLICY,
        "SCHED_FLAG_KEEP_PARAMS" => SCHED.FLAG_KEEP_PARAMS,
        "SCHED_FLAG_UTIL_CLAMP_MIN" => SCHED.FLAG_UTIL_CLAMP_MIN,
        "SCHED_FLAG_UTIL_CLAMP_MAX" => SCHED.FLAG_UTIL_CLAMP_MAX,
        _ => throw Invalid("flags", $"has the unknown value '{flag}'"),
    };

    private static ContainerException Invalid(string member, string what) => new(ContainerErrorKind.InvalidArgument, $"process.scheduler.{member} {what}");
}
