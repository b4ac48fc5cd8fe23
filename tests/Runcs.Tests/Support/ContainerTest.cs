using Rundlet.Linux.Proc;

namespace Rundlet.Runcs.Tests;

/// <summary>A test with containers. Afterwards nothing of them may be left: no mount, cgroup, process, state or file.</summary>
public abstract class ContainerTest : IDisposable
{
    private static int s_number;
    private readonly string _folder;
    private readonly List<TestContainer> _containers = [];

    protected ContainerTest()
    {
        RuntimeProgram.SkipUnlessPossible();
        _folder = Directory.CreateTempSubdirectory("rundlet-runcs-").FullName;
        // Containers with a user namespace of their own come through here.
        File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>A folder for the test's own files.</summary>
    private protected string Scratch => Directory.CreateDirectory($"{_folder}/scratch").FullName;

    /// <summary>A new bundle.</summary>
    private protected TestContainer Container()
    {
        TestContainer container = new(_folder, Interlocked.Increment(ref s_number));
        _containers.Add(container);
        return container;
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        List<string> left = [];
        foreach (TestContainer container in _containers)
        {
            Finished deleted = container.Runtime("delete", "--force", container.Id);
            if (deleted.Status != 0)
                left.Add($"delete --force: {deleted.Error}");
            AddCgroups(container, left);
            AddProcesses(container, left);
        }
        if (Directory.Exists($"{_folder}/state"))
            left.AddRange(Directory.EnumerateFileSystemEntries($"{_folder}/state"));
        left.AddRange(MountInfo.Read().Where(mount => mount.Point.StartsWith(_folder, StringComparison.Ordinal)).Select(mount => $"mount {mount.Point}"));
        Assert.True(left.Count == 0, "left behind: " + string.Join(", ", left));
        Directory.Delete(_folder, recursive: true);
    }

    private static void AddCgroups(TestContainer container, List<string> left)
    {
        string own = $"rundlet-test-{container.Id}";
        foreach (string point in CgroupMounts.Points)
        {
            foreach (string name in new[] { own, container.Id })
            {
                if (Directory.Exists($"{point}/{name}"))
                    left.Add($"cgroup {point}/{name}");
            }
        }
    }

    private static void AddProcesses(TestContainer container, List<string> left)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int pid) || pid == Environment.ProcessId)
                continue;
            if (TryRead($"{folder}/cmdline").Contains(container.Id, StringComparison.Ordinal) && ProcStat.TryRead(pid) is { IsAlive: true })
                left.Add($"process {pid} {TryRead($"{folder}/cmdline")}");
        }
    }

    // It may end at any moment.
    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
