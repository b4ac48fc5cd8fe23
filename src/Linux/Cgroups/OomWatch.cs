using Rundlet.Linux.Cgroups.Controllers;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// Tells when a cgroup runs out of memory: the eventfd of <c>memory.oom_control</c> in v1, a watch on <c>memory.events</c> in
/// v2. Poll <see cref="Fd"/> for reading, then <see cref="Take"/>.
/// </summary>
public sealed class OomWatch : IDisposable
{
    private readonly CgroupFolder _folder;
    private readonly OwnedFd _fd;
    private ulong _killed;

    private OomWatch(CgroupFolder folder, OwnedFd fd)
    {
        _folder = folder;
        _fd = fd;
    }

    /// <summary>Becomes readable when something happened.</summary>
    public int Fd => _fd.Value;

    /// <summary>Starts to watch; null where there is no memory controller.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static OomWatch? Start(CgroupFolders folders)
    {
        if (folders.Find(CgroupControllers.Memory) is not { } folder)
            return null;
        var watch = new OomWatch(folder, folder.IsV2 ? WatchV2(folder) : WatchV1(folder));
        watch._killed = MemoryController.OomKillCount(folders);
        return watch;
    }

    /// <summary>Whether memory ran out since the last call; false too when the cgroup is gone, which wakes the watcher as well.</summary>
    public bool Take()
    {
        Span<byte> buffer = stackalloc byte[512];
        bool woken = false;
        while (Sys.read(_fd.Value, buffer) > 0)
        {
            woken = true;
            if (!_folder.IsV2)
                break; // an eventfd is empty now
        }
        if (!woken)
            return false;
        try
        {
            if (!_folder.IsV2)
                return Sys.faccessat2(Sys.AT_FDCWD, $"{_folder.Path}/memory.oom_control", 0, 0) == 0;
            ulong killed = _folder.TryRead("memory.events") is { } text ? FlatFile.FindOrZero(text, "oom_kill"u8) : _killed;
            bool more = killed > _killed;
            _killed = killed;
            return more;
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.ENODEV)
        {
            return false;
        }
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose() => _fd.Dispose();

    // cgroup-v1/memory, "OOM Control": the two numbers of cgroup.event_control are ours, the kernel looks the files up at once.
    private static OwnedFd WatchV1(CgroupFolder folder)
    {
        OwnedFd events = OwnedFd.FromAnswer(Sys.eventfd2(0, O.NONBLOCK), "eventfd");
        try
        {
            using OwnedFd control = folder.OpenFile("memory.oom_control", O.RDONLY);
            using OwnedFd registry = folder.OpenFile("cgroup.event_control", O.WRONLY);
            LinuxException.ThrowIfError(CgroupFolder.WriteValue(registry.Value, $"{events.Value} {control.Value}"), "watch", $"{folder.Path}/memory.oom_control");
            return events;
        }
        catch
        {
            events.Dispose();
            throw;
        }
    }

    private static OwnedFd WatchV2(CgroupFolder folder)
    {
        OwnedFd notify = OwnedFd.FromAnswer(Sys.inotify_init1(O.NONBLOCK), "inotify_init");
        int answer = Sys.inotify_add_watch(notify.Value, $"{folder.Path}/memory.events", IN.MODIFY);
        if (answer >= 0)
            return notify;
        notify.Dispose();
        throw new LinuxException(Sys.ErrorOf(answer), "watch", $"{folder.Path}/memory.events");
    }
}
