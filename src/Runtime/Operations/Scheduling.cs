using System.Buffers.Text;
using System.Numerics;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>Scheduling attributes that the parent sets: those of a process that has no right to, and its own for the moment of a clone.</summary>
internal static class Scheduling
{
    /// <summary>Sets policy and I/O priority of a process that is ready to execute.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Apply(int pid, Process process)
    {
        if (process.IoPriority is { } io)
            LinuxException.ThrowIfError(Sys.ioprio_set(pid, SchedulerPlan.NumberOf(io)), "set the I/O priority", $"{io.Class} {io.Priority}");
        if (process.Scheduler is { } scheduler)
            LinuxException.ThrowIfError(Sys.sched_setattr(pid, SchedulerPlan.AttributesOf(scheduler)), "set the scheduler", scheduler.Policy);
    }

    /// <summary>
    /// Moves the calling thread to the processors of <c>execCPUAffinity.initial</c>; a child inherits them.
    /// </summary>
    /// <returns>The processors to go back to; null where nothing is asked for.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static byte[]? EnterInitial(ExecCpuAffinity? affinity)
    {
        byte[] wanted = NumberSet.Parse(affinity?.Initial ?? "", "process.execCPUAffinity.initial");
        if (wanted.Length == 0)
            return null;
        byte[] before = new byte[NumberSet.Limit / 8];
        int length = LinuxException.ThrowIfError(Sys.sched_getaffinity(0, before), "get the processors");
        LinuxException.ThrowIfError(Sys.sched_setaffinity(0, wanted), "process.execCPUAffinity.initial", affinity!.Initial!);
        return before[..length];
    }

    /// <summary>
    /// Sends a child that waits on this thread's processor to another one, if there is an idle one; from there it may run anywhere, as before.
    /// A kernel that packs tasks on few processors leaves it behind its parent, however idle the rest is.
    /// </summary>
    /// <param name="child">Its pid; it has not changed its cgroup or processors yet.</param>
    /// <exception cref="LinuxException">It could not be given back its processors.</exception>
    public static void Spread(int child)
    {
        Span<byte> before = stackalloc byte[NumberSet.Limit / 8], allowed = stackalloc byte[NumberSet.Limit / 8], all = stackalloc byte[NumberSet.Limit / 8];
        int length = Sys.sched_getaffinity(0, before);
        if (length <= 0)
            return;
        before = before[..length];
        all.Fill(0xFF);
        // Who has fewer than its cpuset allows was given them on purpose, and so was the child. Where not, all that there could be
        // are set, and not those of today: the container's cpuset may have others.
        if (RunningTasks() > CountOf(before) || Sys.getcpu(out uint own) < 0 || Sys.sched_setaffinity(0, all) < 0)
            return;
        if (Sys.sched_getaffinity(0, allowed) != length || !allowed[..length].SequenceEqual(before))
        {
            LinuxException.ThrowIfError(Sys.sched_setaffinity(0, before), "return to the processors");
            return;
        }
        before[(int)own / 8] &= (byte)~(1 << (int)own % 8);
        if (Sys.sched_setaffinity(child, before) == 0)
            LinuxException.ThrowIfError(Sys.sched_setaffinity(child, all), "give the child its processors");
    }

    private static int CountOf(ReadOnlySpan<byte> processors)
    {
        int count = 0;
        foreach (byte eight in processors)
            count += BitOperations.PopCount(eight);
        return count;
    }

    // Of the machine, at the moment, the caller and the child among them: the fourth field of /proc/loadavg, proc_loadavg(5).
    private static int RunningTasks()
    {
        int fd = Sys.openat(Sys.AT_FDCWD, "/proc/loadavg", O.RDONLY);
        if (fd < 0)
            return int.MaxValue;
        using OwnedFd file = new(fd);
        Span<byte> text = stackalloc byte[128];
        ReadOnlySpan<byte> rest = text[..(int)Math.Max(0, Sys.read(fd, text))];
        for (int field = 0; field < 3; field++)
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(rest, out int running, out _) ? running : int.MaxValue;
    }

    /// <summary>Goes back.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Leave(byte[]? before)
    {
        if (before is not null)
            LinuxException.ThrowIfError(Sys.sched_setaffinity(0, before), "return to the processors");
    }
}
