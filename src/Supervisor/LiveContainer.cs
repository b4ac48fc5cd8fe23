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
/// taken over.
/// </summary>
internal sealed class LiveContainer : IDisposable
{
    private readonly CreatedContainer? _created;
    private readonly ContainerHooks? _hooks;
    private readonly ExitNews? _news;

    /// <summary>One that was made here.</summary>
    public LiveContainer(CreatedContainer created)
    {
        _created = created;
        _hooks = created.Hooks;
        Pid = created.Pid;
        Pidfd = created.Pidfd;
        Cgroup = created.Cgroup;
    }

    private LiveContainer(ContainerRuntimeState state, OwnedFd pidfd, ExitNews? news, ContainerHooks? hooks)
    {
        _hooks = hooks;
        _news = news;
        Pid = state.Pid;
        Pidfd = pidfd;
        Cgroup = Cgroup.FromPaths(state.Cgroups);
    }

    /// <summary>The pid of the first process.</summary>
    public int Pid { get; }

    /// <summary>A pidfd of it.</summary>
    public OwnedFd Pidfd { get; }

    /// <summary>The cgroup.</summary>
    public Cgroup Cgroup { get; }

    /// <summary>Whether another process is its parent: its end comes by the pidfd, not by SIGCHLD.</summary>
    public bool IsAdopted => _created is null;

    /// <summary>Takes over what is on record; null where that process is no more.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static LiveContainer? TryAdopt(ContainerRuntimeState state, CreateRequest request)
    {
        int answer = Sys.pidfd_open(state.Pid);
        if (Sys.Is(answer, Errno.ESRCH))
            return null;
        OwnedFd pidfd = OwnedFd.FromAnswer(answer, "pidfd_open");
        ExitNews? news = ExitNews.TryOpen(state.Pid);
        // Looked at behind the pidfd: from here on the pid cannot become another process' without the pidfd telling.
        if (ProcStat.TryRead(state.Pid) is { IsAlive: true } stat && stat.StartTime == state.PidStartTime)
            return new LiveContainer(state, pidfd, news, ContainerHooks.Of(request));
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
    public void Start() => _created!.Start();

    /// <summary>Runs the poststop hooks, when nothing runs any more.</summary>
    public void RunPoststop(Action<string> note)
    {
        _created?.Rdt?.Undo();
        _hooks?.RunPoststop(note);
    }

    /// <summary>Kills it and undoes it all.</summary>
    public void Abandon(Action<string> note)
    {
        _created?.Abandon();
        _hooks?.RunPoststop(note);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _created?.Dispose();
        _news?.Dispose();
        Pidfd.Dispose();
        Cgroup.Dispose();
    }
}
