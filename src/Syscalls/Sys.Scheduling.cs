namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>sched_setaffinity(2): bit n of the mask is processor n.</summary>
    public static int sched_setaffinity(int pid, ReadOnlySpan<byte> mask)
    {
        fixed (byte* m = mask)
            return (int)Call(SYS.sched_setaffinity, pid, mask.Length, (nint)m);
    }

    /// <summary>sched_getaffinity(2): the number of bytes that the kernel wrote.</summary>
    public static int sched_getaffinity(int pid, Span<byte> mask)
    {
        fixed (byte* m = mask)
            return (int)Call(SYS.sched_getaffinity, pid, mask.Length, (nint)m);
    }

    /// <summary>getcpu(2): the processor that the caller is on at the moment.</summary>
    public static int getcpu(out uint processor)
    {
        fixed (uint* p = &processor)
            return (int)Call(SYS.getcpu, (nint)p, 0);
    }

    /// <summary>sched_setattr(2).</summary>
    public static int sched_setattr(int pid, in sched_attr attributes)
    {
        fixed (sched_attr* a = &attributes)
            return (int)Call(SYS.sched_setattr, pid, (nint)a, 0);
    }

    /// <summary>setpriority(2): <paramref name="which"/> 0 is a process, <paramref name="who"/> 0 the caller; -20 is the most, 19 the least important.</summary>
    public static int setpriority(int which, int who, int nice) => (int)Call(SYS.setpriority, which, who, nice);

    /// <summary>ioprio_set(2) of one process.</summary>
    public static int ioprio_set(int pid, int priority) => (int)Call(SYS.ioprio_set, IOPRIO.WHO_PROCESS, pid, priority);
}
