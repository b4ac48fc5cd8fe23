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

    /// <summary>Goes back.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Leave(byte[]? before)
    {
        if (before is not null)
            LinuxException.ThrowIfError(Sys.sched_setaffinity(0, before), "return to the processors");
    }
}
