using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>How <see cref="InitProcess.Start"/> clones; the default is a child with a copy of everything, in its parent's cgroup.</summary>
public readonly record struct CloneOptions
{
    /// <summary>A cgroup v2 folder for <c>CLONE_INTO_CGROUP</c>.</summary>
    public int? CgroupFd { get; init; }

    /// <summary>Asked where the clone into that folder failed: gives another one, which is closed then, or -1. It must not throw.</summary>
    public Func<Errno, int>? Elsewhere { get; init; }

    /// <summary>
    /// Whether the child works in this process' memory until execve, where the processor allows it. Only for a program that links
    /// <c>EarlyRuntime</c>, and where nobody whom the child may meet can trace it.
    /// </summary>
    public bool SharesMemory { get; init; }

    /// <summary>
    /// Whether the child begins with this process' fds and not with a copy: it gets to know what is opened later, and its plan makes a
    /// copy, closes the parent's end of the line in it and then passes the checkpoint <see cref="InitProcess.SeparateOp"/>.
    /// </summary>
    public bool SharesFds { get; init; }
}
