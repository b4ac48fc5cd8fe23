using System.Globalization;
using System.Text;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Resctrl;

/// <summary>A group of tasks in resctrl: one that has its own share of the processor, or one that is only measured apart.</summary>
public sealed class ResctrlGroup
{
    private readonly ResctrlFileSystem _system;

    internal ResctrlGroup(ResctrlFileSystem system, string path)
    {
        _system = system;
        Path = path;
    }

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>Whether it is there.</summary>
    public bool Exists => ResctrlFileSystem.IsFolder(Path);

    /// <summary>A part of it that is measured apart.</summary>
    public ResctrlGroup Monitor(string name) => new(_system, $"{Path}/mon_groups/{name}");

    /// <summary>Makes it.</summary>
    /// <returns>False where it is there already.</returns>
    /// <exception cref="ContainerException">The kernel refused: it has no more, for one.</exception>
    public bool Make()
    {
        int answer = Sys.mkdirat(Sys.AT_FDCWD, Path, 0x1ED /* 0755 */);
        if (answer < 0 && !Sys.Is(answer, Errno.EEXIST))
            throw _system.Refused(answer, "mkdir", Path);
        return answer == 0;
    }

    /// <summary>Removes it; one that is gone is no error. Tasks that it has become the default group's.</summary>
    /// <exception cref="ContainerException">The kernel refused.</exception>
    public void Remove()
    {
        int answer = Sys.unlinkat(Sys.AT_FDCWD, Path, AT.REMOVEDIR);
        if (answer < 0 && !Sys.Is(answer, Errno.ENOENT))
            throw _system.Refused(answer, "rmdir", Path);
    }

    /// <summary>Whether a task is in it that has not ended.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public bool HasTasks()
    {
        foreach (string line in (FileIo.TryReadText($"{Path}/tasks") ?? "").Split('\n'))
        {
            // Those that wait to be collected are listed too.
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int task) && ProcStat.TryRead(task) is { IsAlive: true })
                return true;
        }
        return false;
    }

    /// <summary>Whether parts of it are measured apart.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public bool HasMonitors() => FolderList.FoldersIn($"{Path}/mon_groups").Count > 0;

    /// <summary>What it may use, in the kernel's words.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public string ReadSchemata() => Encoding.UTF8.GetString(FileIo.ReadFile(Sys.AT_FDCWD, $"{Path}/schemata"));

    /// <summary>Changes what it may use: all lines or none.</summary>
    /// <param name="lines">Lines as <c>L3:0=f;1=f0</c>, each without its end.</param>
    /// <exception cref="ContainerException">The kernel refused.</exception>
    public void WriteSchemata(IReadOnlyList<string> lines) => Write("schemata", string.Join('\n', lines) + "\n");

    /// <summary>Takes a task in; for a group that measures it must be in the group above.</summary>
    /// <exception cref="ContainerException">The kernel refused.</exception>
    public void Add(int task) => Write("tasks", task.ToString(CultureInfo.InvariantCulture));

    /// <summary>Takes all tasks of some processes in, with those that they make meanwhile.</summary>
    /// <param name="processes">Tells the processes that there are now.</param>
    /// <exception cref="ContainerException">The kernel refused.</exception>
    public void AddAll(Func<IReadOnlyList<int>> processes)
    {
        List<int> known = [];
        bool more = true;
        while (more)
        {
            more = false;
            foreach (int process in processes())
            {
                foreach (string name in FolderList.FoldersIn($"/proc/{process}/task"))
                {
                    if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int task) && !known.Contains(task))
                    {
                        known.Add(task);
                        more |= TryAdd(task);
                    }
                }
            }
        }
    }

    private bool TryAdd(int task)
    {
        try
        {
            Add(task);
            return true;
        }
        catch (ContainerException gone) when (gone.InnerException is LinuxException { Errno: Errno.ESRCH })
        {
            return false;
        }
    }

    // One write(2), which the kernel takes or refuses as a whole.
    private void Write(string file, string value)
    {
        string path = $"{Path}/{file}";
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.WRONLY);
        if (fd < 0)
            throw _system.Refused(fd, "open", path);
        using OwnedFd owned = new(fd);
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        nint put;
        do
            put = Sys.write(fd, bytes);
        while (Sys.Is(put, Errno.EINTR));
        if (put < 0)
            throw _system.Refused(put, $"write '{value.TrimEnd('\n').Replace('\n', ' ')}' to", path);
    }
}
