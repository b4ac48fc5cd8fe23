using System.Buffers.Text;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>Processes and sub-cgroups beneath a folder.</summary>
internal static class CgroupProcesses
{
    /// <summary>The pids in a cgroup and all beneath it, in the caller's pid namespace; none when it is gone.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static List<int> Of(string folder)
    {
        var pids = new List<int>();
        foreach (string path in DeepestFirst(folder))
            AddFrom(path, pids);
        return pids;
    }

    /// <summary>A cgroup and all beneath it, children before their parents.</summary>
    public static List<string> DeepestFirst(string folder)
    {
        // Parents come before their children in the list, however it grows; turned around it is the other way.
        var folders = new List<string> { folder };
        for (int i = 0; i < folders.Count; i++)
        {
            foreach (string name in FolderList.FoldersIn(folders[i])) // none where it was removed meanwhile
                folders.Add($"{folders[i]}/{name}");
        }
        folders.Reverse();
        return folders;
    }

    private static void AddFrom(string folder, List<int> pids)
    {
        string path = $"{folder}/cgroup.procs";
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY);
        if (Sys.Is(answer, Errno.ENOENT))
            return;
        using OwnedFd fd = OwnedFd.FromAnswer(answer, "open", path);
        ReadOnlySpan<byte> text;
        try
        {
            text = FileIo.ReadAll(fd.Value, path);
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENODEV or Errno.EOPNOTSUPP)
        {
            return; // removed meanwhile, or a threaded cgroup, whose processes are listed further up
        }
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            // 0 is a process of another pid namespace: it has no number here.
            if (Utf8Parser.TryParse(line, out int pid, out _) && pid > 0)
                pids.Add(pid);
        }
    }
}
