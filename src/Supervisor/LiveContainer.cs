using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's first process and its cgroup, made by this supervisor or, after the death of the one that had made it,
/// taken over: by the library (<see cref="OwnContainer"/>), or by another runtime (<see cref="ForeignContainer"/>).
/// </summary>
internal abstract class LiveContainer : IDisposable
{
    private ExitNews? _news;

    /// <summary>The pid of the first process.</summary>
    public required int Pid { get; init; }

    /// <summary>A pidfd of it.</summary>
    public required OwnedFd Pidfd { get; init; }

    /// <summary>The cgroup.</summary>
    public required Cgroup Cgroup { get; init; }

    /// <summary>Whether another process is its parent: its end comes by the pidfd, not by SIGCHLD.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>The master side of its terminal, to be taken over; null without one.</summary>
    public OwnedFd? Terminal { get; init; }

    /// <summary>Whether all its processes are held.</summary>
    public abstract bool IsPaused { get; }

    /// <summary>Takes over what is on record; null where that process is no more.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static LiveContainer? TryAdopt(ContainerRuntimeState state, CreateRequest request, Func<Spec> spec, ExternalRuntime? runtime)
    {
        int answer = Sys.pidfd_open(state.Pid);
        if (Sys.Is(answer, Errno.ESRCH))
            return null;
        OwnedFd pidfd = OwnedFd.FromAnswer(answer, "pidfd_open");
        ExitNews? news = ProcExit.IsKept ? null : ExitNews.TryOpen(state.Pid);
        // Looked at behind the pidfd: from here on the pid cannot become another process' without the pidfd telling.
        if (ProcStat.TryRead(state.Pid) is { IsAlive: true } stat && stat.StartTime == state.PidStartTime)
        {
            LiveContainer adopted = runtime is null ? OwnContainer.Adopted(state, pidfd, request, spec) : ForeignContainer.Adopted(state, pidfd, request, runtime);
            adopted._news = news;
            return adopted;
        }
        news?.Dispose();
        pidfd.Dispose();
        return null;
    }

    /// <summary>The wait status of one that was adopted and has ended; null where the kernel tells it to nobody but its parent.</summary>
    /// <param name="startTime">Its start, <see cref="ProcStat.StartTime"/>.</param>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public int? TryReadStatus(ulong startTime) => ProcExit.TryRead(Pid, startTime, Pidfd) ?? _news?.Status();

    /// <summary>Lets the user's program start.</summary>
    /// <exception cref="ContainerException">It cannot be executed, or it was killed meanwhile.</exception>
    public abstract void Start();

    /// <summary>Signals the first process.</summary>
    /// <exception cref="ContainerException">Conflict: it is gone.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public abstract void Signal(int signal);

    /// <summary>Holds all processes.</summary>
    /// <exception cref="ContainerException">There is no freezer, or some process did not stop.</exception>
    public abstract void Pause();

    /// <summary>Lets them run again.</summary>
    /// <exception cref="ContainerException">The kernel or the runtime refused.</exception>
    public abstract void Resume();

    /// <summary>Starts one more process in it, a child of ours.</summary>
    /// <param name="process">What to execute.</param>
    /// <param name="stdio">Three fds; null with a terminal, or for nothing.</param>
    /// <param name="part">The part of the cgroup that it belongs to; null for the whole.</param>
    /// <exception cref="ContainerException">It cannot be executed.</exception>
    public abstract StartedProcess Exec(Process process, IReadOnlyList<int>? stdio, CgroupPart? part = null);

    /// <summary>Undoes what is beside processes and cgroup, when nothing runs any more, and runs the poststop hooks.</summary>
    public abstract void RunPoststop(Action<string> note);

    /// <summary>Kills it and undoes it all.</summary>
    public abstract void Abandon(Action<string> note);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _news?.Dispose();
        Pidfd.Dispose();
        Cgroup.Dispose();
    }

    /// <summary>That it is gone.</summary>
    protected static ContainerException NotRunning(string id) => new(ContainerErrorKind.Conflict, $"container '{id}' is not running");
}
