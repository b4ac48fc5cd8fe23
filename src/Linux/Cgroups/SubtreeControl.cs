using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// <c>cgroup.subtree_control</c> of v2: which controllers a cgroup hands to its children. cgroup-v2, "Enabling and
/// Disabling". The files are read first: writing one that already says it waits for removed cgroups to be gone.
/// </summary>
internal static class SubtreeControl
{
    private const string FileName = "cgroup.subtree_control", TypeFile = "cgroup.type";

    /// <summary>The controller that a file belongs to (<c>memory</c> of <c>memory.max</c>), if it is one of those names.</summary>
    public static string? ControllerOf(string file, ReadOnlySpan<string> names)
    {
        int dot = file.IndexOf('.');
        if (dot <= 0)
            return null;
        foreach (string name in names)
        {
            if (file.AsSpan(0, dot).SequenceEqual(name))
                return name;
        }
        return null;
    }

    /// <summary>
    /// Enables controllers for the children of a cgroup, unless it has processes of its own. Those that the kernel refuses
    /// are left out: whether they are needed shows when a limit is written.
    /// </summary>
    /// <returns>Zero, or the error when there is no such cgroup or it cannot be read.</returns>
    public static Errno Enable(string folder, ReadOnlySpan<string> names)
    {
        string path = $"{folder}/{FileName}";
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDWR);
        if (fd < 0)
            return Sys.ErrorOf(fd);
        using var owned = new OwnedFd(fd);
        ReadOnlySpan<byte> enabled = FileIo.ReadAll(fd, path);
        var missing = new List<string>(names.Length);
        foreach (string name in names)
        {
            if (!HasWord(enabled, name))
                missing.Add("+" + name);
        }
        if (missing.Count == 0 || HoldsProcesses(folder) || CgroupFolder.WriteValue(fd, string.Join(' ', missing)) >= 0)
            return Errno.None;
        foreach (string one in missing)
            _ = CgroupFolder.WriteValue(fd, one); // ignored: told when a limit needs this controller
        return Errno.None;
    }

    /// <summary>Enables one controller in every ancestor of a cgroup, from the top.</summary>
    /// <exception cref="ContainerException">An ancestor refused.</exception>
    public static void EnableDownTo(string folder, string controller)
    {
        for (int slash = folder.IndexOf('/', 1); slash > 0; slash = folder.IndexOf('/', slash + 1))
        {
            string ancestor = folder[..slash];
            string path = $"{ancestor}/{FileName}";
            int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDWR);
            if (Sys.Is(fd, Errno.ENOENT))
                continue; // above the mount
            if (Sys.Is(fd, Errno.EACCES))
                continue; // above what was delegated to us; the next one down tells
            using OwnedFd owned = OwnedFd.FromAnswer(fd, "open", path);
            if (HasWord(FileIo.ReadAll(fd, path), controller))
                continue;
            Errno error = HoldsProcesses(ancestor) ? Errno.EBUSY : Sys.ErrorOf(CgroupFolder.WriteValue(fd, "+" + controller));
            if (error == Errno.None)
                continue;
            throw new ContainerException(
                CgroupErrors.KindOf(error),
                $"enable controller '{controller}' beneath '{ancestor}'",
                new LinuxException(error, $"write '+{controller}' to", FileName))
            {
                Hint = error == Errno.EBUSY ? HintForBusy : null,
            };
        }
    }

    /// <summary>What helps where a cgroup that should have limited children has processes of its own.</summary>
    public const string HintForBusy =
        "a cgroup with processes of its own cannot hand controllers on; choose another parent, or start from a cgroup beside it: systemd-run --user --scope -p Delegate=yes";

    /// <summary>
    /// Whether a cgroup has processes and still is a plain domain. The kernel would enable some controllers (cpu, cpuset, pids) for its
    /// children nevertheless, and make it the root of a threaded subtree by that: no process can live in a child then. The
    /// hierarchy's root, which alone has no type, is exempt.
    /// </summary>
    private static bool HoldsProcesses(string folder)
    {
        if (FileIo.TryReadText($"{folder}/{TypeFile}") is not "domain\n")
            return false;
        int fd = Sys.openat(Sys.AT_FDCWD, $"{folder}/cgroup.procs", O.RDONLY);
        if (fd < 0)
            return false; // gone meanwhile: the write says so
        using OwnedFd processes = new(fd);
        Span<byte> first = stackalloc byte[1];
        return Sys.read(fd, first) > 0;
    }

    private static bool HasWord(ReadOnlySpan<byte> text, string word)
    {
        ReadOnlySpan<byte> wanted = Encoding.UTF8.GetBytes(word);
        while (!text.IsEmpty)
        {
            int end = text.IndexOfAny((byte)' ', (byte)'\n');
            if ((end < 0 ? text : text[..end]).SequenceEqual(wanted))
                return true;
            text = end < 0 ? default : text[(end + 1)..];
        }
        return false;
    }
}
