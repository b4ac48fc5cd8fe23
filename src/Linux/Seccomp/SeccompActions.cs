using Rundlet.Syscalls;

namespace Rundlet.Linux.Seccomp;

/// <summary>What this kernel can do about system calls.</summary>
public static class SeccompActions
{
    /// <summary>Asks for each action (<c>SECCOMP_GET_ACTION_AVAIL</c>); none where the kernel has no seccomp.</summary>
    public static List<SeccompAction> Available()
    {
        var available = new List<SeccompAction>();
        foreach (SeccompAction action in (ReadOnlySpan<SeccompAction>)[SeccompAction.KillProcess, SeccompAction.KillThread, SeccompAction.Trap,
            SeccompAction.Errno, SeccompAction.Trace, SeccompAction.Log, SeccompAction.Allow, SeccompAction.Notify])
        {
            if (Sys.seccomp_action_available(KernelValueOf(action)) == 0)
                available.Add(action);
        }
        return available;
    }

    /// <summary>Flags of seccomp(2) that this kernel knows, <c>SECCOMP_FILTER_FLAG_*</c>.</summary>
    public static uint AvailableFlags()
    {
        uint flags = 0;
        foreach (uint flag in (ReadOnlySpan<uint>)[SECCOMP.FILTER_FLAG_TSYNC, SECCOMP.FILTER_FLAG_LOG, SECCOMP.FILTER_FLAG_SPEC_ALLOW, SECCOMP.FILTER_FLAG_WAIT_KILLABLE_RECV])
        {
            // The kernel looks at the flags first and at the (missing) program then: EFAULT means that the flag is known.
            uint with = flag == SECCOMP.FILTER_FLAG_WAIT_KILLABLE_RECV ? flag | SECCOMP.FILTER_FLAG_NEW_LISTENER : flag;
            if (Sys.Is(Sys.seccomp_probe_flags(with), Errno.EFAULT))
                flags |= flag;
        }
        return flags;
    }

    /// <summary><c>SECCOMP_RET_*</c>, without data.</summary>
    internal static uint KernelValueOf(SeccompAction action) => action switch
    {
        SeccompAction.KillThread => SECCOMP.RET_KILL_THREAD,
        SeccompAction.KillProcess => SECCOMP.RET_KILL_PROCESS,
        SeccompAction.Trap => SECCOMP.RET_TRAP,
        SeccompAction.Errno => SECCOMP.RET_ERRNO,
        SeccompAction.Trace => SECCOMP.RET_TRACE,
        SeccompAction.Log => SECCOMP.RET_LOG,
        SeccompAction.Notify => SECCOMP.RET_USER_NOTIF,
        _ => SECCOMP.RET_ALLOW,
    };
}
