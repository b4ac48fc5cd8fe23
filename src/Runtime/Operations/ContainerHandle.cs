using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Linux.Resctrl;
using Rundlet.Oci;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>A container of the state folder with what can be said of it now.</summary>
public sealed class ContainerHandle : IDisposable
{
    private OwnedFd? _process; // opened before the status was read, which then is this process' own

    private ContainerHandle(ContainerFolder folder, SavedState? state, OwnedFd? process)
    {
        Folder = folder;
        State = state;
        Status = StatusOf(folder, state);
        _process = process;
    }

    /// <summary>Its folder.</summary>
    public ContainerFolder Folder { get; }

    /// <summary>What was saved; null where a killed create left nothing but the folder.</summary>
    public SavedState? State { get; }

    /// <summary>Its status when the handle was made.</summary>
    public ContainerStatus Status { get; }

    /// <summary>The status as the specification writes it.</summary>
    public string StatusWord => Status switch
    {
        ContainerStatus.Creating => "creating",
        ContainerStatus.Created => "created",
        ContainerStatus.Running => "running",
        ContainerStatus.Paused => "paused",
        _ => "stopped",
    };

    /// <summary>Opens a container and holds its lock until the handle is disposed.</summary>
    /// <exception cref="ContainerException">There is none.</exception>
    public static ContainerHandle Open(StateStore store, string id) => From(store.Open(id), opensProcess: false);

    /// <summary>Opens a container only to look at it.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="id">Its id.</param>
    /// <param name="opensProcess">Whether <see cref="OpenProcess"/> will be called: it then need not look at the process again.</param>
    /// <exception cref="ContainerException">There is none.</exception>
    public static ContainerHandle Look(StateStore store, string id, bool opensProcess = false) => From(store.OpenUnlocked(id), opensProcess);

    /// <summary>The spec as it was at create.</summary>
    public Spec LoadSpec() => SpecReader.Read(Folder.LoadConfig());

    /// <summary>The container's cgroup.</summary>
    public Cgroup OpenCgroup() => Cgroup.FromPaths(State?.CgroupPaths ?? []);

    /// <summary>Its share of cache and memory bandwidth; null where it has no group of resctrl.</summary>
    /// <exception cref="LinuxException">It cannot be read; <c>ENOENT</c>: the group is gone.</exception>
    public ResctrlStats? RdtStats()
    {
        if (State is not { RdtGroup.Length: > 0 } state || ResctrlFileSystem.Find() is not { } system)
            return null;
        ResctrlGroup group = system.Group(state.RdtGroup);
        return ResctrlStats.Read(system, group, state.HasRdtMonitor ? group.Monitor(state.Id) : group);
    }

    /// <summary>The state as hooks get it and <c>state</c> begins.</summary>
    public ContainerState ToOciState() => new()
    {
        OciVersion = State?.OciVersion ?? "",
        Id = Folder.Id,
        Status = StatusWord,
        Pid = Status is ContainerStatus.Stopped or ContainerStatus.Creating ? 0 : State?.Pid ?? 0,
        Bundle = State?.Bundle ?? "",
        Annotations = State?.Annotations is { Count: > 0 } annotations ? annotations : null,
    };

    /// <summary>A pidfd of the first process, checked to be that process and not a later one of the same pid.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Conflict"/>: it has ended.</exception>
    public OwnedFd OpenProcess()
    {
        if (_process is { } found && Status is not ContainerStatus.Stopped)
        {
            _process = null;
            return found;
        }
        if (State is { Pid: > 0 } state)
        {
            int pidfd = Sys.pidfd_open(state.Pid);
            if (pidfd >= 0)
            {
                OwnedFd owned = new(pidfd);
                if (IsAlive(state))
                    return owned;
                owned.Dispose();
            }
        }
        throw new ContainerException(ContainerErrorKind.Conflict, $"container not running: '{Folder.Id}'");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        Folder.Dispose();
    }

    private static ContainerHandle From(ContainerFolder folder, bool opensProcess)
    {
        OwnedFd? process = null;
        try
        {
            SavedState? state = folder.Load();
            if (opensProcess && state is { Pid: > 0 } && Sys.pidfd_open(state.Pid) is >= 0 and int pidfd)
                process = new OwnedFd(pidfd);
            return new ContainerHandle(folder, state, process);
        }
        catch
        {
            process?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    private static ContainerStatus StatusOf(ContainerFolder folder, SavedState? state)
    {
        if (state is null || state.Pid == 0)
            return folder.TryLockElsewhere() ? ContainerStatus.Stopped : ContainerStatus.Creating;
        // Looked at first: who deletes it takes the pipe away when the process is dead, and not before.
        bool awaitsStart = folder.AwaitsStart;
        if (!IsAlive(state))
            return ContainerStatus.Stopped;
        using Cgroup cgroup = Cgroup.FromPaths(state.CgroupPaths);
        // A created one can be paused too: it would never answer a start.
        if (cgroup.IsFrozen)
            return ContainerStatus.Paused;
        return awaitsStart ? ContainerStatus.Created : ContainerStatus.Running;
    }

    private static bool IsAlive(SavedState state) =>
        ProcStat.TryRead(state.Pid) is { } stat && stat.IsAlive && stat.StartTime == state.StartTime;
}
