namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>seccomp(2) <c>SECCOMP_GET_ACTION_AVAIL</c>, Linux 4.14: 0, or <c>EOPNOTSUPP</c>.</summary>
    public static int seccomp_action_available(uint action) => seccomp(SECCOMP.GET_ACTION_AVAIL, 0, &action);

    /// <summary>seccomp(2) <c>SECCOMP_SET_MODE_FILTER</c> without a program: <c>EFAULT</c> when all flags are known, else <c>EINVAL</c>. Loads nothing.</summary>
    public static int seccomp_probe_flags(uint flags) => seccomp(SECCOMP.SET_MODE_FILTER, flags, null);
}
