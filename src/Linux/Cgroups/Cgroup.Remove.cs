using System.Diagnostics;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

public sealed partial class Cgroup
{
    private const int RemoveMilliseconds = 10_000;

    /// <summary>The processes in the cgroup and in all beneath it, in the caller's pid namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<int> Pids() => BestList is { } folder ? CgroupProcesses.Of(folder.Path) : [];

    /// <summary>Kills every process, those in sub-cgroups and those being forked too. They are dead or dying when it comes back.</summary>
    /// <exception cref="ContainerException">Some process could not be killed.</exception>
    public void Kill()
    {
        if (_folders.Unified is { } unified && KillAtOnce(unified))
            return;
        Signal(SIG.KILL);
    }

    /// <summary>Sends a signal to every process, which all stand still meanwhile where there is a freezer.</summary>
    /// <exception cref="ContainerException">Some process could not be signalled.</exception>
    public void Signal(int signal)
    {
        bool wasFrozen = IsFrozen;
        bool freeze = !wasFrozen && CanFreeze;
        if (freeze)
            Freeze();
        try
        {
            foreach (int pid in Pids())
            {
                int answer = Sys.kill(pid, signal);
                if (answer < 0 && !Sys.Is(answer, Errno.ESRCH))
                    throw new ContainerException(CgroupErrors.KindOf(Sys.ErrorOf(answer)), "signal cgroup", new LinuxException(Sys.ErrorOf(answer), "kill", pid.ToString()));
            }
        }
        finally
        {
            // A frozen process of v1 gets its death only when it runs again.
            if (freeze || (wasFrozen && signal == SIG.KILL))
                Thaw();
        }
    }

    /// <summary>Removes every folder, sub-cgroups first. What is busy is waited for. A folder that is gone is no error.</summary>
    /// <param name="kill">Whether to kill processes that are still in it.</param>
    /// <param name="milliseconds">The longest to wait, for all together.</param>
    /// <exception cref="ContainerException">Names every folder that is still there, and why.</exception>
    public void Remove(bool kill = false, int milliseconds = RemoveMilliseconds)
    {
        long start = Stopwatch.GetTimestamp();
        List<string>? failures = null;
        bool killed = !kill;
        foreach (CgroupFolder folder in _folders.All)
        {
            Errno error = Rmdir(folder.Path);
            if (error == Errno.EBUSY)
            {
                if (!killed)
                    KillIn(folder);
                killed = true;
                error = RemoveBusy(folder, start, milliseconds, kill);
            }
            if (error is not (Errno.None or Errno.ENOENT))
                (failures ??= []).Add(Describe(folder.Path, error));
        }
        if (failures is not null)
            throw new ContainerException(ContainerErrorKind.Conflict, $"remove cgroup: {string.Join("; ", failures)}");
    }

    /// <summary>
    /// Removes, with all processes in them, the folders that <see cref="Create"/> made or took over: for a start that failed.
    /// A folder that it refused because another container is in there is left alone.
    /// </summary>
    /// <exception cref="ContainerException">As for <see cref="Remove"/>.</exception>
    public void Undo()
    {
        Cgroup own = new(new CgroupFolders(Array.FindAll(_folders.All, folder => folder.IsOwn)), _bestEffort);
        own.Remove(kill: true);
    }

    // Somebody else may remove it as well, and be faster where tasks are stopped: then there is nobody in there to stop.
    private void KillIn(CgroupFolder busy)
    {
        try
        {
            Kill();
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException && _folders.Find(CgroupControllers.Freezer) is { } freezer
            && Sys.Is(Sys.faccessat2(Sys.AT_FDCWD, freezer.Path, 0, 0), Errno.ENOENT))
        {
            foreach (int pid in CgroupProcesses.Of(busy.Path))
                _ = Sys.kill(pid, SIG.KILL); // ignored: it may be gone, and who is not is told as busy
        }
    }

    private static bool KillAtOnce(CgroupFolder unified)
    {
        if (!TryOpen(unified))
            return true;
        Errno error = unified.TryWrite("cgroup.kill", "1"); // Linux 5.14
        if (error is Errno.None or Errno.ENODEV)
            return true;
        // An older kernel, or a threaded cgroup: one by one.
        if (error is Errno.ENOENT or Errno.EOPNOTSUPP)
            return false;
        throw CgroupErrors.CannotWrite(unified, "cgroup.kill", "1", "kill cgroup", error);
    }

    private static bool TryOpen(CgroupFolder folder)
    {
        try
        {
            _ = folder.Fd;
            return true;
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            return false;
        }
    }

    private static Errno Rmdir(string path) => Sys.ErrorOf(Sys.unlinkat(Sys.AT_FDCWD, path, AT.REMOVEDIR));

    /// <summary>EBUSY: it has children, or processes that are not quite gone.</summary>
    private static Errno RemoveBusy(CgroupFolder folder, long start, int milliseconds, bool dying)
    {
        for (int pause = 1; ; pause = Math.Min(2 * pause, 50))
        {
            Errno error = Errno.None;
            foreach (string path in CgroupProcesses.DeepestFirst(folder.Path))
            {
                if (Rmdir(path) is var answer and not (Errno.None or Errno.ENOENT))
                    error = answer;
            }
            if (error != Errno.EBUSY)
                return error;
            // A live process stays until somebody ends it: unless it was killed there is nothing to wait for.
            int left = milliseconds - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0 || (!dying && HasLiveProcess(folder.Path)))
                return error;
            if (!folder.IsV2)
                _ = Sys.poll([], pause); // ignored: an interrupted pause is a shorter one; v1 has no event for "empty"
            else if (!CgroupEvents.WaitFor(folder, "populated"u8, 0, left))
                return error;
            else
                _ = Sys.poll([], pause); // ignored: as above; empty of tasks, and yet busy for a moment
        }
    }

    private static bool HasLiveProcess(string path)
    {
        foreach (int pid in CgroupProcesses.Of(path))
        {
            if (Proc.ProcStat.TryRead(pid) is { } stat && stat.State is not ('Z' or 'X'))
                return true;
        }
        return false;
    }

    private static string Describe(string path, Errno error)
    {
        string text = new LinuxException(error, "rmdir", path).Message;
        List<int> pids = error == Errno.EBUSY ? CgroupProcesses.Of(path) : [];
        return pids.Count == 0 ? text : $"{text}, processes {string.Join(' ', pids)}";
    }

    private bool CanFreeze => _folders.Find(CgroupControllers.Freezer) is not null || _folders.Unified is not null;

    /// <summary>The hierarchy to ask for processes: one that tasks do not leave by themselves.</summary>
    private CgroupFolder? BestList =>
        _folders.Find(CgroupControllers.Freezer) ?? _folders.Unified ?? _folders.Find(CgroupControllers.Pids) ?? (_folders.All.Length > 0 ? _folders.All[0] : null);
}
