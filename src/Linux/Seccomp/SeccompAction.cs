namespace Rundlet.Linux.Seccomp;

/// <summary>What happens to a system call, seccomp(2).</summary>
public enum SeccompAction
{
    /// <summary>The thread is killed.</summary>
    KillThread,

    /// <summary>The process is killed.</summary>
    KillProcess,

    /// <summary>SIGSYS.</summary>
    Trap,

    /// <summary>It fails with an errno.</summary>
    Errno,

    /// <summary>A tracer decides; without one it fails with ENOSYS.</summary>
    Trace,

    /// <summary>It is logged, and done.</summary>
    Log,

    /// <summary>It is done.</summary>
    Allow,

    /// <summary>The holder of the notification fd decides.</summary>
    Notify,
}
