namespace Rundlet.Oci;

/// <summary>The program of a container, or one that <c>exec --process</c> adds to it (config.md, Process).</summary>
public sealed class Process
{
    /// <summary>Whether a pseudo terminal is attached to the standard streams.</summary>
    public bool Terminal { get; set; }

    /// <summary>Size of the terminal; means nothing without <see cref="Terminal"/>.</summary>
    public ConsoleSize? ConsoleSize { get; set; }

    /// <summary>Working directory, absolute inside the container.</summary>
    public required string Cwd { get; set; }

    /// <summary>Environment as <c>NAME=value</c>.</summary>
    public List<string>? Env { get; set; }

    /// <summary>Program and arguments, as for execvp(3).</summary>
    public List<string>? Args { get; set; }

    /// <summary>Resource limits, at most one of a type (config.md, POSIX process).</summary>
    public List<Rlimit>? Rlimits { get; set; }

    /// <summary>AppArmor profile, already loaded on the host (config.md, Linux Process).</summary>
    public string? ApparmorProfile { get; set; }

    /// <summary>Capability sets; absent leaves what the runtime chooses (config.md, Linux Process).</summary>
    public Capabilities? Capabilities { get; set; }

    /// <summary>Sets PR_SET_NO_NEW_PRIVS, prctl(2) (config.md, Linux Process).</summary>
    public bool NoNewPrivileges { get; set; }

    /// <summary>Value for <c>/proc/PID/oom_score_adj</c>, -1000 to 1000, proc(5); absent leaves it alone.</summary>
    public int? OomScoreAdj { get; set; }

    /// <summary>Scheduling policy, sched_setattr(2) (config.md, Linux Process).</summary>
    public Scheduler? Scheduler { get; set; }

    /// <summary>SELinux label of the process (config.md, Linux Process).</summary>
    public string? SelinuxLabel { get; set; }

    /// <summary>I/O priority, ioprio_set(2) (config.md, Linux Process).</summary>
    public IoPriority? IoPriority { get; set; }

    /// <summary>CPU affinity of a process added by <c>exec</c> (config.md, Linux Process).</summary>
    public ExecCpuAffinity? ExecCpuAffinity { get; set; }

    /// <summary>Who the process runs as; uid 0 and gid 0 when the document does not say (config.md, User).</summary>
    public User User { get; set; } = new();
}
