using System.Formats.Tar;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Torture.Chaos;

/// <summary>A container as the engine tells of it.</summary>
/// <param name="Id">All 64 digits.</param>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>created</c>, <c>running</c>, <c>paused</c>, <c>restarting</c> or <c>exited</c>.</param>
/// <param name="Pid">Its first process; 0 where it does not run.</param>
/// <param name="ExitCode">Of its last end.</param>
/// <param name="Networks">The networks that it is on, those of the host and none not counted.</param>
/// <param name="Publishes">Whether ports of it are published.</param>
internal sealed record Told(string Id, string Name, string State, int Pid, int ExitCode, IReadOnlyList<string> Networks, bool Publishes)
{
    public bool Lives => State is "running" or "paused" or "restarting";
}

/// <summary>An engine with roots of its own on a small disk, and everything that can be seen of it from outside.</summary>
internal sealed partial class EngineRoom
{
    public const string Disk = "/tmp/chaos";
    private const string Root = $"{Disk}/lib", RunRoot = "/tmp/chaos-run", Filler = $"{Disk}/filler";
    private const int Patience = 30_000; // ms for any one command
    private const int SettleMilliseconds = 8000;

    private readonly string _program;
    private readonly OwnedFd _null = FileIo.Open(Sys.AT_FDCWD, "/dev/null", O.RDWR);
    private readonly HashSet<string> _mounts;
    private readonly HashSet<string> _known = []; // ids that were told at any time

    /// <summary>For <c>--cgroup-parent</c>: a folder that no other engine of the machine uses.</summary>
    public string CgroupParent { get; } = $"/rundlet-room-{Guid.NewGuid():n}";

    public EngineRoom(string program)
    {
        _program = program;
        Directory.CreateDirectory(Disk);
        LinuxException.ThrowIfError(Sys.mount("tmpfs", Disk, "tmpfs", 0, "size=96m"), "mount tmpfs on", Disk);
        _ = RunTool("/sbin/ip", "link", "set", "lo", "up"); // ignored: without it publishing says so
        _mounts = [.. MountInfo.Read().Select(mount => mount.Point)];
    }

    /// <summary>Makes an image of busybox alone.</summary>
    public void ImportImage(string name)
    {
        string archive = $"{Disk}/box.tar";
        using (TarWriter writer = new(File.Create(archive), TarEntryFormat.Pax))
        {
            writer.WriteEntry("/bin/busybox", "bin/busybox");
            foreach (string applet in (string[])["sh", "true", "sleep"])
                writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        }
        Outcome imported = Run("import", archive, name);
        if (!imported.Succeeded)
            throw new InvalidOperationException($"import: {imported.Text}");
        File.Delete(archive);
    }

    /// <summary>Runs a command to its end.</summary>
    public Outcome Run(params string[] words)
    {
        using RunningCommand command = Start(words);
        return command.Wait(Patience);
    }

    /// <summary>Starts a command.</summary>
    public RunningCommand Start(params string[] words) => StartProgram(_program, words);

    /// <summary>Runs another program. Not by <see cref="System.Diagnostics.Process"/>, which in a first process reaps every child.</summary>
    public Outcome RunTool(string path, params string[] words)
    {
        using RunningCommand command = StartProgram(path, words);
        return command.Wait(Patience);
    }

    private RunningCommand StartProgram(string path, string[] words)
    {
        OwnedFd output = FileIo.Open(Sys.AT_FDCWD, "/tmp", O.TMPFILE | O.RDWR, 0x180);
        int pid = Spawn.Start(
            path, [path, .. words], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"RUNDLET_ROOT={Root}", $"RUNDLET_RUN_ROOT={RunRoot}"],
            [new(_null.Value, 0), new(output.Value, 1), new(output.Value, 2)], newSession: true);
        return new RunningCommand(LinuxException.ThrowIfError(pid, "start", path), output);
    }

    /// <summary>All containers, as the engine tells.</summary>
    /// <exception cref="InvalidOperationException">It does not tell.</exception>
    public List<Told> Tell()
    {
        Outcome listed = Run("ps", "-a", "-q", "--no-trunc");
        if (!listed.Succeeded || listed.Text.Contains("rundlet:", StringComparison.Ordinal))
            throw new InvalidOperationException($"ps: status {listed.Status}, {listed.Text}");
        string[] ids = listed.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length == 0)
            return [];
        Outcome inspected = Run(["inspect", .. ids]);
        List<Told> all = [];
        // One that goes when it ends may have gone in between; then those that are there are told all the same.
        int begin = inspected.Text.IndexOf('[');
        int end = inspected.Text.LastIndexOf("\n]", StringComparison.Ordinal);
        if (begin < 0 && inspected.Text.Contains("no such container", StringComparison.Ordinal))
            return Tell();
        if (begin < 0 || end < 0)
            throw new InvalidOperationException($"inspect: status {inspected.Status}, {inspected.Text}");
        using JsonDocument document = JsonDocument.Parse(inspected.Text.AsMemory(begin, end + 2 - begin));
        foreach (JsonElement container in document.RootElement.EnumerateArray())
        {
            JsonElement state = container.GetProperty("State"), host = container.GetProperty("HostConfig");
            all.Add(new Told(
                container.GetProperty("Id").GetString()!, container.GetProperty("Name").GetString()![1..], state.GetProperty("Status").GetString()!,
                state.GetProperty("Pid").GetInt32(), state.GetProperty("ExitCode").GetInt32(),
                [.. container.GetProperty("NetworkSettings").GetProperty("Networks").EnumerateObject().Select(network => network.Name).Where(name => name is not ("none" or "host"))], host.GetProperty("PortBindings").EnumerateObject().Any()));
        }
        _known.UnionWith(all.Select(container => container.Id));
        return all;
    }

    /// <summary>The networks that somebody has made: ids by names.</summary>
    /// <exception cref="InvalidOperationException">The engine does not tell.</exception>
    public Dictionary<string, string> TellNetworks()
    {
        Outcome listed = Run("network", "ls", "--no-trunc", "--filter", "type=custom", "--format", "{{.Name}} {{.ID}}");
        if (!listed.Succeeded || listed.Text.Contains("rundlet:", StringComparison.Ordinal))
            throw new InvalidOperationException($"network ls: status {listed.Status}, {listed.Text}");
        return listed.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(words => words[0], words => words[1]);
    }

    /// <summary>All supervisors, by what stands in their command lines.</summary>
    public static List<(int Pid, string Id)> Supervisors()
    {
        List<(int, string)> found = [];
        foreach (int pid in Pids())
        {
            string[] words = (FileIo.TryReadText($"/proc/{pid}/cmdline") ?? "").Split('\0');
            if (words.Length > 1 && words[0].EndsWith("/rundlet-supervisor", StringComparison.Ordinal) && words[1].StartsWith($"{Root}/containers/", StringComparison.Ordinal) && IsAlive(pid))
                found.Add((pid, Path.GetFileName(words[1])));
        }
        return found;
    }

    /// <summary>The cgroups beneath <see cref="CgroupParent"/>, in all hierarchies.</summary>
    public IEnumerable<string> CgroupsOfOurs() => CgroupFolders(CgroupParent).SelectMany(parent => Names(parent).Select(name => $"{parent}/{name}"));

    /// <summary>The files and folders of the engine, but those of the containers' own file systems.</summary>
    public static IEnumerable<string> Files() => new[] { Root, RunRoot }.SelectMany(root =>
        Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }));

    /// <summary>The bytes of the state file and of what SQLite keeps beside it, by their names.</summary>
    public static Dictionary<string, long> StateSizes() =>
        Directory.EnumerateFiles(Root, "state.db*").ToDictionary(path => Path.GetFileName(path), path => new FileInfo(path).Length);

    /// <summary>Fills the disk to the last block.</summary>
    public static void Fill()
    {
        using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, Filler, O.WRONLY | O.CREAT | O.TRUNC, 0x180);
        byte[] block = new byte[1 << 20];
        while (true)
        {
            nint put = Sys.write(file.Value, block);
            if (put <= 0 && block.Length == 1)
                return;
            if (put <= 0)
                block = block[..Math.Max(1, block.Length / 16)];
        }
    }

    /// <summary>Gives the space back.</summary>
    public static void Free() => File.Delete(Filler);

    /// <summary>What contradicts what the engine tells. Waits a little for what is dying, and asks again: programs end by themselves.</summary>
    public List<string> Contradictions(ref List<Told> told)
    {
        List<string> found = [];
        for (int waited = 0; waited < SettleMilliseconds; waited += 50)
        {
            Reap();
            found = Look(told);
            if (found.Count == 0)
                break;
            _ = Sys.poll([], 50); // ignored: a shorter pause does no harm
            told = Tell();
        }
        return found;
    }

    /// <summary>Ends everything.</summary>
    public void Leave()
    {
        foreach (int pid in Pids())
            _ = Sys.kill(pid, SIG.KILL); // ignored: it may be gone
        _ = Run("rm", "-f"); // ignored: with no name it only repairs what the killed have left
        foreach (Told container in Tell())
            _ = Run("rm", "-f", container.Name); // ignored: told below, if it matters
        foreach (string parent in CgroupFolders(CgroupParent))
            _ = Sys.unlinkat(Sys.AT_FDCWD, parent, AT.REMOVEDIR); // ignored: it is not there where nobody asked for it
    }

    private List<string> Look(List<Told> told)
    {
        List<string> found = [];
        foreach (IGrouping<string, Told> same in told.GroupBy(container => container.Name).Where(group => group.Count() > 1))
            found.Add($"{same.Count()} containers are called {same.Key}");
        List<(int Pid, string Id)> supervisors = Supervisors();
        foreach (Told container in told)
        {
            int count = supervisors.Count(pair => pair.Id == container.Id);
            if (count != (container.Lives ? 1 : 0))
                found.Add($"{container.Name} is {container.State} and has {count} supervisors");
            if (container.State is "running" or "paused" && !IsAlive(container.Pid))
                found.Add($"{container.Name} is {container.State}, and its process {container.Pid} is gone");
        }
        HashSet<string> living = [.. told.Where(container => container.Lives).Select(container => container.Id)];
        found.AddRange(supervisors.Where(pair => !living.Contains(pair.Id)).Select(pair => $"supervisor {pair.Pid} of {pair.Id[..12]}, which does not run"));
        found.AddRange(Orphans(supervisors, living));
        HashSet<string> ids = [.. told.Select(container => container.Id)];
        found.AddRange(Names($"{Root}/containers").Where(id => !ids.Contains(id)).Select(id => $"a folder of no container: {id[..12]}"));
        found.AddRange(Names($"{RunRoot}/containers").Where(id => !living.Contains(id)).Select(id => $"a run folder of {id[..12]}, which does not run"));
        // The machine's other engines have cgroups in the same place.
        found.AddRange(Cgroups().Distinct().Where(id => _known.Contains(id) && !living.Contains(id)).Select(id => $"a cgroup of {id[..12]}, which does not run"));
        found.AddRange(Traffic(told, living));
        HashSet<string> namespaces = NetworkTraces.Namespaces();
        if (namespaces.Count > living.Count)
            found.Add($"{namespaces.Count} network namespaces, and {living.Count} containers run: {string.Join(", ", namespaces)}");
        found.AddRange(NetworkTraces.Contradictions($"{RunRoot}/networks", TellNetworks(), told, RunTool("/usr/sbin/nft", "list", "table", "inet", "rundlet").Text));
        found.AddRange(MountInfo.Read().Where(mount => !_mounts.Contains(mount.Point)).Select(mount => $"mount {mount.Point}"));
        return found;
    }

    // Processes that are neither ours, nor supervisors, nor in the cgroup of a container that runs.
    private static IEnumerable<string> Orphans(List<(int Pid, string Id)> supervisors, HashSet<string> living)
    {
        foreach (int pid in Pids())
        {
            if (!IsAlive(pid) || supervisors.Any(pair => pair.Pid == pid))
                continue;
            string cgroups = FileIo.TryReadText($"/proc/{pid}/cgroup") ?? "";
            if (!living.Any(id => cgroups.Contains(id, StringComparison.Ordinal)) && IsAlive(pid))
                yield return $"process {pid} of nobody: {(FileIo.TryReadText($"/proc/{pid}/cmdline") ?? "").Replace('\0', ' ')}";
        }
    }

    // Each container has a link on each of its networks; published ports are those of containers that run.
    private IEnumerable<string> Traffic(List<Told> told, HashSet<string> living)
    {
        int links = File.ReadLines("/proc/self/net/dev").Count(line => line.TrimStart().StartsWith("rl", StringComparison.Ordinal));
        int wanted = told.Where(container => container.Lives).Sum(container => container.Networks.Count);
        if (links != wanted)
            yield return $"{links} links, and {wanted} are told: {string.Join("; ", told.Where(container => container.Lives).Select(container => $"{container.Name} on {string.Join(',', container.Networks)}"))}";
        HashSet<string> published = [.. ContainerId().Matches(RunTool("/usr/sbin/nft", "list", "table", "inet", "rundlet").Text).Select(id => id.Value)];
        foreach (string id in published.Where(id => !living.Contains(id)))
            yield return $"a published port of {id[..12]}, which does not run";
        foreach (Told container in told.Where(container => container is { Publishes: true, Networks.Count: > 0, State: "running" or "paused" } && !published.Contains(container.Id)))
            yield return $"{container.Name} is {container.State}, and its port is not published";
    }

    private IEnumerable<string> Cgroups() => CgroupFolders("/rundlet").Concat(CgroupFolders(CgroupParent)).SelectMany(Names);

    private static IEnumerable<string> CgroupFolders(string path) => MountInfo.Read().Where(mount => mount.Type is "cgroup" or "cgroup2").Select(mount => mount.Point + path);

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex ContainerId();

    private static List<string> Names(string folder) => Directory.Exists(folder) ? FolderList.FoldersIn(folder) : [];

    private static IEnumerable<int> Pids() => FolderList.FoldersIn("/proc").Select(name => int.TryParse(name, out int pid) ? pid : 0).Where(pid => pid > 1);

    private static bool IsAlive(int pid) => ProcStat.TryRead(pid) is { IsAlive: true };

    private static void Reap()
    {
        while (Sys.waitid(P.ALL, 0, out siginfo_t info, W.EXITED | W.NOHANG) == 0 && info.si_pid > 0)
        {
        }
    }
}
