using System.Net.Sockets;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Torture;

/// <summary>
/// The room in which it happens: namespaces of its own, all file systems of the host read-only but cgroups, a tmpfs on /tmp.
/// What a runtime leaves in there is found by looking at all of it.
/// </summary>
internal sealed class Sandbox
{
    public const string Folder = "/tmp/torture";
    public const string Bundle = $"{Folder}/bundle";
    public const string StateRoot = $"{Folder}/state";

    // A process that was killed needs a moment to be gone.
    private const int SettleMilliseconds = 5000;

    private static int s_roots;
    private readonly List<string> _cgroupMounts = [];
    private readonly HashSet<string> _mounts;
    private readonly HashSet<string> _files;

    private Sandbox()
    {
        MakeReadOnly();
        Directory.CreateDirectory($"{Folder}/source/folder");
        File.WriteAllText($"{Folder}/source/file", "file of the host\n");
        Directory.CreateDirectory(Bundle);
        Directory.CreateDirectory(StateRoot);
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{Folder}/fifo", S.IFIFO | 0x1B6, 0), "mkfifo", "fifo");
        File.CreateSymbolicLink($"{Folder}/loop", "loop");
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            socket.Bind(new UnixDomainSocketEndPoint($"{Folder}/socket"));
        File.WriteAllText($"{Folder}/socket", ""); // gone with the bound one; a plain file will do
        File.WriteAllText($"{Bundle}/config.json", "{}");
        File.WriteAllText($"{Folder}/process.json", "{}");
        MakeRootfs();
        _mounts = [.. Mounts()];
        _files = [.. Files()];
    }

    /// <summary>Cgroups and ids of this run begin with it.</summary>
    public string Prefix { get; } = $"tt{Environment.ProcessId}x{DateTime.UtcNow.Ticks % 1_000_000:x}";

    /// <summary>Makes the room.</summary>
    /// <exception cref="InvalidOperationException">Not started by eng/torture.</exception>
    public static Sandbox Enter() => Sys.getpid() == 1 ? new Sandbox() : throw new InvalidOperationException("not the first process of a pid namespace: use ./dev fuzz or ./dev crash");

    /// <summary>A new root file system: what containers made in the old one is gone.</summary>
    public static void MakeRootfs()
    {
        string rootfs = $"{Bundle}/rootfs";
        // Put aside and not removed: the framework does not get through all that hostile specs have made in it.
        if (Directory.Exists(rootfs))
            Directory.Move(rootfs, $"/tmp/old{s_roots++}");
        foreach (string name in (string[])["bin", "dev", "etc", "proc", "sys", "tmp", "data"])
            Directory.CreateDirectory($"{rootfs}/{name}");
        File.Copy("/bin/busybox", $"{rootfs}/bin/true");
        File.CreateSymbolicLink($"{rootfs}/bin/sleep", "true");
        File.CreateSymbolicLink($"{rootfs}/link", "/etc");
        File.CreateSymbolicLink($"{rootfs}/loop", "loop");
        File.CreateSymbolicLink($"{rootfs}/up", "../../../../../../tmp/torture/source");
        File.CreateSymbolicLink($"{rootfs}/dangling", "/nowhere/at/all");
        File.WriteAllText($"{rootfs}/etc/secret", "secret");
        File.WriteAllText($"{rootfs}/etc/passwd", "root:x:0:0::/:\n");
    }

    /// <summary>What was left behind: processes, cgroups, mounts, state, files. Waits a little for what is dying.</summary>
    /// <param name="expected">A container that shall be there: its processes, cgroups and state are none.</param>
    public List<string> Leftovers(Standing? expected = null)
    {
        List<string> left = [];
        for (int waited = 0; waited < SettleMilliseconds; waited++)
        {
            Reap();
            left = Processes(expected);
            if (left.Count == 0)
                break;
            _ = Sys.poll([], 1); // ignored: a shorter pause does no harm
        }
        foreach (string id in FolderList.FoldersIn(StateRoot))
        {
            if (id != expected?.Id)
                left.Add($"state {id}: {string.Join(' ', Directory.GetFileSystemEntries($"{StateRoot}/{id}").Select(Path.GetFileName))}");
        }
        foreach (string cgroup in Cgroups())
        {
            if (expected is null || !cgroup.EndsWith(expected.Id, StringComparison.Ordinal))
                left.Add($"cgroup {cgroup}");
        }
        left.AddRange(Mounts().Where(mount => !_mounts.Contains(mount)).Select(mount => $"mount {mount}"));
        left.AddRange(Files().Where(file => !_files.Contains(file)).Select(file => $"file {file}"));
        return left;
    }

    /// <summary>Takes the cgroups away that containers of this run were made beneath.</summary>
    public void Leave()
    {
        foreach (string mount in _cgroupMounts)
            _ = Sys.unlinkat(Sys.AT_FDCWD, $"{mount}/{Prefix}", AT.REMOVEDIR); // ignored: not every hierarchy has one
    }

    /// <summary>Removes what was left, so that the next look is about the next command.</summary>
    public void CleanUp()
    {
        foreach (int pid in Pids())
            _ = Sys.kill(pid, SIG.KILL); // ignored: it may be gone
        for (int i = 0; i < 200 && Processes(null).Count > 0; i++)
        {
            Reap();
            _ = Sys.poll([], 5); // ignored: as above
        }
        RemoveCgroups();
        foreach (string id in FolderList.FoldersIn(StateRoot))
            Directory.Delete($"{StateRoot}/{id}", recursive: true);
    }

    /// <summary>Removes cgroups of this run that hold no process.</summary>
    public void RemoveCgroups()
    {
        foreach (string cgroup in Cgroups())
            _ = Sys.unlinkat(Sys.AT_FDCWD, cgroup, AT.REMOVEDIR); // ignored: the next look finds it again
    }

    private static void Reap()
    {
        while (Sys.waitid(P.ALL, 0, out siginfo_t info, W.EXITED | W.NOHANG) == 0 && info.si_pid > 0)
        {
        }
    }

    private static IEnumerable<int> Pids() =>
        FolderList.FoldersIn("/proc").Select(name => int.TryParse(name, out int pid) ? pid : 0).Where(pid => pid > 1);

    private static List<string> Processes(Standing? expected)
    {
        List<string> found = [];
        foreach (int pid in Pids())
        {
            if (pid != expected?.Pid && ProcStat.TryRead(pid) is { IsAlive: true })
                found.Add($"process {pid} {Describe(pid)}");
        }
        return found;
    }

    private static string Describe(int pid)
    {
        try
        {
            string status = File.ReadAllText($"/proc/{pid}/status");
            string name = status[..status.IndexOf('\n')];
            return $"{name} {Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).Replace('\0', ' ')}wchan {File.ReadAllText($"/proc/{pid}/wchan")}";
        }
        catch (IOException)
        {
            return "ending";
        }
    }

    private List<string> Cgroups()
    {
        List<string> found = [];
        foreach (string mount in _cgroupMounts)
            Search(mount, 0);
        return found;

        void Search(string folder, int depth)
        {
            foreach (string name in FolderList.FoldersIn(folder))
            {
                string path = $"{folder}/{name}";
                if (depth < 4)
                    Search(path, depth + 1);
                // The deepest first, as they are removed.
                if (path.Contains(Prefix, StringComparison.Ordinal) && name != Prefix)
                    found.Add(path);
            }
        }
    }

    private static IEnumerable<string> Mounts() => MountInfo.Read().Select(mount => mount.Point);

    private static IEnumerable<string> Files() => Directory.EnumerateFileSystemEntries(Folder)
        .Concat(Directory.EnumerateFileSystemEntries(Bundle))
        .Concat(Directory.EnumerateFileSystemEntries($"{Folder}/source", "*", SearchOption.AllDirectories));

    private void MakeReadOnly()
    {
        Set("/", MOUNT_ATTR.RDONLY, 0, AT.RECURSIVE);
        Set("/proc", 0, MOUNT_ATTR.RDONLY, 0);
        foreach (MountEntry mount in MountInfo.Read())
        {
            if (mount.Type is not ("cgroup" or "cgroup2"))
                continue;
            Set(mount.Point, 0, MOUNT_ATTR.RDONLY, 0);
            _cgroupMounts.Add(mount.Point);
        }
        LinuxException.ThrowIfError(Sys.mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), "mount tmpfs on", "/tmp");

        static void Set(string path, ulong set, ulong clear, int flags)
        {
            mount_attr attributes = new() { attr_set = set, attr_clr = clear };
            LinuxException.ThrowIfError(Sys.mount_setattr(Sys.AT_FDCWD, path, (uint)flags, attributes), "set the attributes of", path);
        }
    }
}

/// <summary>A container that is up while others come and go.</summary>
internal sealed record Standing(string Id, int Pid);
