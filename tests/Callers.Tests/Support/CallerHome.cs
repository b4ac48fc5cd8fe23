using System.Globalization;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Runcs.Tests;
using Rundlet.Syscalls;

namespace Rundlet.Callers.Tests;

// What belongs in this project: programs that call an OCI runtime, as Debian ships them, with runcs beneath. Each test asks for
// what a person would ask the caller, and looks at what the caller then says. RUNTIME=/usr/sbin/runc asks another runtime
// the same. What does not belong here: calls that no caller makes; those are in Runcs.Tests.

/// <summary>A folder and a cgroup for one caller and all it keeps. Afterwards nothing may be left: no process, mount, cgroup or file.</summary>
internal sealed class CallerHome : IDisposable
{
    private static int s_number;
    private int _runs;

    public CallerHome()
    {
        Folder = Directory.CreateTempSubdirectory("rundlet-callers-").FullName;
        // Containers with a user namespace of their own come through here.
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        CgroupParent = string.Create(CultureInfo.InvariantCulture, $"/rundlet-callers-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}");
    }

    /// <summary>Where all of it is.</summary>
    public string Folder { get; }

    /// <summary>The cgroup that all containers of the caller belong beneath, from the mount points.</summary>
    public string CgroupParent { get; }

    /// <summary>How the names of containers' cgroups begin. Others beneath <see cref="CgroupParent"/> are the caller's own, such as conmon's.</summary>
    public string ContainerCgroups { get; init; } = "";

    /// <summary>Runs a program to its end.</summary>
    public Finished Run(params string[] command)
    {
        using BoundedProcess process = Begin("", command);
        return process.Wait();
    }

    /// <summary>Runs a program with a text as its input.</summary>
    public Finished RunWithInput(string text, params string[] command)
    {
        string file = $"{Folder}/input";
        File.WriteAllText(file, text);
        return RunWithFile(file, command);
    }

    /// <summary>Runs a program with a file as its input.</summary>
    public Finished RunWithFile(string file, params string[] command)
    {
        using BoundedProcess process = Begin($"<{file}", command);
        return process.Wait();
    }

    /// <summary>Runs a program under a terminal of 33 rows and 77 columns; script(1) gives it one.</summary>
    public Finished RunUnderTerminal(params string[] command)
    {
        string words = string.Join(' ', command.Select(word => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'"));
        return Run("script", "-qec", $"stty rows 33 cols 77; exec {words}", "/dev/null");
    }

    /// <summary>Starts a program.</summary>
    public BoundedProcess Begin(string redirections, params string[] command) =>
        BoundedProcess.Start($"{Folder}/run.{Interlocked.Increment(ref _runs)}", command, redirections);

    /// <summary>Asserts that nothing is left, and removes the folder.</summary>
    public void Dispose()
    {
        List<string> left = [];
        AddProcesses(left);
        AddCgroups(left);
        left.AddRange(MountInfo.Read().Where(mount => mount.Point.StartsWith(Folder, StringComparison.Ordinal)).Select(mount => $"mount {mount.Point}"));
        Assert.True(left.Count == 0, "left behind: " + string.Join(", ", left));
        Directory.Delete(Folder, recursive: true);
    }

    // Callers clean up in the background: conmon starts another podman, dockerd waits for its shims. Their command lines
    // name the folder.
    private void AddProcesses(List<string> left)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out int pid) || pid == Environment.ProcessId || !CommandLine(pid).Contains(Folder, StringComparison.Ordinal))
                continue;
            int answer = Sys.pidfd_open(pid);
            if (Sys.Is(answer, Errno.ESRCH))
                continue;
            using OwnedFd fd = OwnedFd.FromAnswer(answer, "pidfd_open");
            Span<pollfd> end = [new pollfd { fd = fd.Value, events = POLL.IN }];
            if (Sys.poll(end, 20_000) == 1)
                continue;
            left.Add($"process {pid} {CommandLine(pid)}");
            _ = Sys.kill(pid, SIG.KILL); // ignored: it is told above, whether it ends now or not
        }
    }

    private void AddCgroups(List<string> left)
    {
        foreach (string point in CgroupMounts.Points)
        {
            string parent = point + CgroupParent;
            if (!Directory.Exists(parent))
                continue;
            foreach (string folder in Directory.EnumerateDirectories(parent, "*", SearchOption.AllDirectories).OrderByDescending(folder => folder.Length))
            {
                if (Path.GetFileName(folder).StartsWith(ContainerCgroups, StringComparison.Ordinal))
                    left.Add($"cgroup {folder}");
                else
                    Directory.Delete(folder);
            }
            if (left.Count == 0)
                Directory.Delete(parent);
        }
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    }
}
