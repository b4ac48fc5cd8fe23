using Rundlet.Linux.Cgroups.Controllers;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// One container's cgroup: a folder in every hierarchy that is mounted. Its life is
/// <see cref="At"/>, <see cref="Create"/>, <see cref="Apply"/>, <see cref="Join"/>, and, in another process, from
/// what <see cref="Paths"/> said: <see cref="FromPaths"/>, …, <see cref="Remove"/>.
/// </summary>
public sealed partial class Cgroup : IDisposable
{
    private readonly CgroupFolders _folders;
    private readonly bool _bestEffort;

    internal Cgroup(CgroupFolders folders, bool bestEffort = false)
    {
        _folders = folders;
        _bestEffort = bestEffort;
    }

    /// <summary>No cgroup: the container stays where its creator is.</summary>
    public static Cgroup None => new(new CgroupFolders([]), bestEffort: true);

    /// <summary>Whether there is no folder at all: no cgroup is mounted, or none was permitted.</summary>
    public bool IsEmpty => _folders.All.Length == 0;

    /// <summary>Whether hierarchies in which the caller may not make cgroups are left out.</summary>
    public bool BestEffort => _bestEffort;

    /// <summary>Whether <see cref="Create"/> has left a hierarchy out.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Controller to absolute path, for the container's state; the cgroup2 folder is under the empty name too.</summary>
    public IReadOnlyDictionary<string, string> Paths
    {
        get
        {
            var paths = new Dictionary<string, string>(16);
            foreach (CgroupFolder folder in _folders.All)
            {
                if (folder.IsV2)
                    paths[""] = folder.Path;
                foreach (string name in folder.Names)
                    paths[name] = folder.Path;
            }
            return paths;
        }
    }

    /// <summary>The place of a cgroup on this machine; nothing is made yet.</summary>
    /// <param name="layout">The machine.</param>
    /// <param name="cgroupsPath">Absolute: from where each hierarchy is mounted; relative: beneath the caller's own cgroup; null: <paramref name="name"/>, relative.</param>
    /// <param name="name">The container's id, used when there is no path.</param>
    /// <param name="bestEffort">Whether <see cref="Create"/> may leave hierarchies out in which the caller may not make cgroups.</param>
    /// <exception cref="ContainerException">The path leads out of its parent, or names nothing.</exception>
    public static Cgroup At(CgroupLayout layout, string? cgroupsPath, string name, bool bestEffort = false)
    {
        string path = CgroupPath.Normalize(string.IsNullOrEmpty(cgroupsPath) ? name : cgroupsPath);
        var folders = new CgroupFolder[layout.Hierarchies.Count];
        for (int i = 0; i < folders.Length; i++)
        {
            CgroupHierarchy hierarchy = layout.Hierarchies[i];
            folders[i] = new CgroupFolder(CgroupPath.Resolve(hierarchy, path), hierarchy.IsV2, [.. hierarchy.Names]);
        }
        return new Cgroup(new CgroupFolders(folders), bestEffort) { _layout = layout };
    }

    /// <summary>Takes up a cgroup that another process made. Looks at nothing: a folder that is gone shows when it is used.</summary>
    /// <param name="paths">What <see cref="Paths"/> was.</param>
    public static Cgroup FromPaths(IReadOnlyDictionary<string, string> paths)
    {
        paths.TryGetValue("", out string? unified);
        var names = new List<(string Path, List<string> Names)>();
        foreach ((string name, string path) in paths)
        {
            int at = names.FindIndex(folder => folder.Path == path);
            if (at < 0)
                names.Add((path, name.Length == 0 ? [] : [name]));
            else if (name.Length > 0)
                names[at].Names.Add(name);
        }
        var folders = new CgroupFolder[names.Count];
        for (int i = 0; i < folders.Length; i++)
            folders[i] = new CgroupFolder(names[i].Path, names[i].Path == unified, [.. names[i].Names]);
        return new Cgroup(new CgroupFolders(folders));
    }

    /// <summary>The folder of the hierarchy that has a controller, by the kernel's name of it; empty for cgroup2. Null when it is not mounted.</summary>
    public string? PathOf(string controller)
    {
        foreach (CgroupFolder folder in _folders.All)
        {
            if (controller.Length == 0 ? folder.IsV2 : Array.IndexOf(folder.Names, controller) >= 0)
                return folder.Path;
        }
        return null;
    }

    /// <summary>Writes settings, for a new cgroup or to change one.</summary>
    /// <exception cref="ContainerException">
    /// The kernel refused one: says which, the value, the file and the reason. <c>Unsupported</c>: its controller is not
    /// mounted. What was written before stands.
    /// </exception>
    public void Apply(CgroupSettings settings)
    {
        CpusetController.Apply(_folders, settings);
        MemoryController.Apply(_folders, settings.Memory);
        CpuController.Apply(_folders, settings.Cpu);
        PidsController.Apply(_folders, settings.PidsLimit);
        BlockIoController.Apply(_folders, settings.BlockIo);
        HugetlbController.Apply(_folders, settings.Hugetlb);
        RdmaController.Apply(_folders, settings.Rdma);
        NetworkController.Apply(_folders, settings);
        DevicesController.Apply(_folders, settings.Devices, settings.BestEffort);
        UnifiedController.Apply(_folders, settings.Unified);
    }

    /// <summary>Changes settings so that the change can be taken back.</summary>
    /// <param name="settings">What to write.</param>
    /// <param name="before">What the cgroup was set to until now, for what cannot be read from its files: the device rules.</param>
    /// <returns>The change: taken back when it is disposed, unless it was kept.</returns>
    /// <exception cref="ContainerException">As for <see cref="Apply"/>, but nothing of it stands.</exception>
    public CgroupChange Change(CgroupSettings settings, CgroupSettings before) => CgroupChange.Make(this, _folders, settings, before);

    /// <summary>Moves a process into the cgroup, in every hierarchy.</summary>
    /// <param name="pid">The process in the caller's pid namespace; 0 is the caller itself.</param>
    /// <exception cref="ContainerException"><c>NotFound</c>: there is no such process.</exception>
    public void Join(int pid)
    {
        string text = pid.ToString();
        foreach (CgroupFolder folder in _folders.All)
        {
            Errno error = folder.TryWrite("cgroup.procs", text);
            if (error != Errno.None)
                throw CannotJoin(folder, text, error);
        }
    }

    /// <summary>
    /// The <c>tasks</c> files of all v1 hierarchies. A single-threaded process that writes <c>0</c> to one moves itself, and
    /// does not take the lock that moving another one takes: 0.03 ms a file in place of several ms.
    /// </summary>
    public IReadOnlyList<string> TaskFiles
    {
        get
        {
            List<string> files = new(_folders.All.Length);
            foreach (CgroupFolder folder in _folders.All)
            {
                if (!folder.IsV2)
                    files.Add($"{folder.Path}/tasks");
            }
            return files;
        }
    }

    /// <summary>The folder of the cgroup2 hierarchy of a cgroup that exists, for <c>CLONE_INTO_CGROUP</c>; null where there is none.</summary>
    /// <exception cref="LinuxException">The folder is gone.</exception>
    public OwnedFd? OpenUnified() => _folders.Unified is { } folder ? OwnedFd.FromAnswer(Sys.fcntl(folder.Fd, F.DUPFD_CLOEXEC), "duplicate", folder.Path) : null;

    /// <summary>Stops every task and waits until they stand still, 5 seconds at most.</summary>
    /// <exception cref="ContainerException"><c>Unavailable</c>: some task did not stop; all run again. <c>Unsupported</c>: there is no freezer.</exception>
    public void Freeze() => FreezerController.Freeze(_folders);

    /// <summary>Lets every task run.</summary>
    /// <exception cref="ContainerException">There is no freezer, or the kernel refused.</exception>
    public void Thaw() => FreezerController.Thaw(_folders);

    /// <summary>Whether it is frozen, or about to be.</summary>
    public bool IsFrozen => FreezerController.IsFrozen(_folders);

    /// <summary>What it used until now.</summary>
    /// <exception cref="LinuxException">The cgroup is gone.</exception>
    public CgroupStats Stats()
    {
        CgroupStats stats = Collect(isWhole: true);
        HugetlbController.Collect(_folders, stats);
        RdmaController.Collect(_folders, stats);
        CpusetController.Collect(_folders, stats);
        return stats;
    }

    /// <summary>
    /// What it used until now of what is watched all the time: CPU, memory, tasks and block devices, out of a third of the files.
    /// Without <see cref="MemoryStats.Raw"/> and <see cref="MemoryStats.KernelTcp"/>, without limits of swap and of the kernel's memory on v1, and
    /// without figures by CPU.
    /// </summary>
    /// <exception cref="LinuxException">The cgroup is gone.</exception>
    public CgroupStats Usage() => Collect(isWhole: false);

    /// <summary>How many processes the kernel killed because memory was short; 0 where there is no memory controller.</summary>
    /// <exception cref="LinuxException">The cgroup is gone.</exception>
    public ulong OomKillCount() => MemoryController.OomKillCount(_folders);

    /// <summary>Starts to watch for memory running out; null where there is no memory controller.</summary>
    /// <exception cref="LinuxException">The kernel refused, or the cgroup is gone.</exception>
    public OomWatch? WatchOom() => OomWatch.Start(_folders);

    /// <summary>
    /// Asks to be told, by <c>POLLPRI</c> on the fd, when tasks wait for a resource for longer than <paramref name="stall"/> in a
    /// window of time, both in microseconds; the window is 500000 to 10000000, without CAP_SYS_RESOURCE a multiple of 2000000.
    /// </summary>
    /// <returns>The fd; closing it ends the watch. Null where there is no cgroup2, or no pressure accounting.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public OwnedFd? WatchPressure(PressureResource resource, bool full, uint stall, uint window)
    {
        string file = resource switch { PressureResource.Cpu => "cpu.pressure", PressureResource.Memory => "memory.pressure", _ => "io.pressure" };
        return _folders.Unified is { } folder && folder.TryRead(file) is not null ? PressureFile.Watch(folder, file, full, stall, window) : null;
    }

    /// <summary>Closes the folders; the cgroup stays.</summary>
    public void Dispose()
    {
        foreach (CgroupFolder folder in _folders.All)
            folder.Dispose();
    }

    private CgroupStats Collect(bool isWhole)
    {
        var stats = new CgroupStats();
        CpuController.Collect(_folders, stats, isWhole);
        MemoryController.Collect(_folders, stats, isWhole);
        PidsController.Collect(_folders, stats);
        BlockIoController.Collect(_folders, stats);
        return stats;
    }

    private static ContainerException CannotJoin(CgroupFolder folder, string pid, Errno error)
    {
        var cause = new LinuxException(error, $"write '{pid}' to", $"{folder.Path}/cgroup.procs");
        ContainerErrorKind kind = error == Errno.ESRCH ? ContainerErrorKind.NotFound : CgroupErrors.KindOf(error);
        string? hint = error switch
        {
            Errno.EINVAL when (folder.Controllers & CgroupControllers.Cpu) != 0 => "a task with a realtime policy needs a cgroup with a realtime runtime",
            Errno.ENOSPC when (folder.Controllers & CgroupControllers.Cpuset) != 0 => "the cpuset has no cpus or no memory nodes",
            Errno.EBUSY or Errno.EOPNOTSUPP when folder.IsV2 => Reason(folder, error),
            _ => null,
        };
        return new ContainerException(kind, $"join cgroup with process {pid}", cause) { Hint = hint };
    }
}
