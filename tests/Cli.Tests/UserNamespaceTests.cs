using System.Diagnostics;
using System.Formats.Tar;

namespace Rundlet.Cli.Tests;

public sealed class UserNamespaceTests
{
    [Fact]
    public void Root_in_a_container_with_ids_of_its_own_is_nobody_on_the_host()
    {
        using Machine machine = new();
        string volume = Directory.CreateDirectory($"{machine.Folder}/bound").FullName;
        Start(
            machine, "first", "-v", $"{volume}:/bound", "-v", "kept:/volume", "shell", "/bin/sh", "-c",
            "cat /proc/self/uid_map; id -u; ls -ln /bin/sh /etc/hosts; : >/made; : >/bound/made; : >/volume/made; : >/dev/shm/made; : </dev/null; ls -ln /made /bound/made /volume/made /dev/shm/made; echo ready; exec sleep 600");
        string[] lines = WaitFor(machine, "first", "ready");
        Assert.Matches(@"^\s*0\s+\d{7,}\s+65536$", lines[0]);
        Assert.Equal("0", lines[1]);
        Assert.All(lines[2..^1], line => Assert.Matches(@"^-\S+\s+1 0\s+0\s", line));
        // what it wrote to a bound folder is root's, as its files in the layers are
        Assert.Equal("0 0\n", Owner($"{volume}/made"));
        int pid = int.Parse(machine.Run("inspect", "-f", "{{.State.Pid}}", "first").Output);
        Assert.DoesNotContain("\t0\t", File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)));

        // cp, diff, commit and export speak of the image's ids
        Assert.Contains("A /made\n", machine.Run("diff", "first").Output);
        Assert.DoesNotContain("C /etc/passwd", machine.Run("diff", "first").Output);
        Assert.Equal(0, machine.Run("export", "-o", $"{machine.Folder}/out.tar", "first").Code);
        Assert.Equal((0, 0), OwnerIn($"{machine.Folder}/out.tar", "made"));
        Assert.Equal((0, 0), OwnerIn($"{machine.Folder}/out.tar", "bin/sh"));
        Assert.Equal(0, machine.Run("commit", "first", "committed").Code);
        Assert.Equal("0 0\n", machine.Run("run", "--rm", "--network", "none", "committed", "/bin/sh", "-c", "ls -ln /made | while read a b c d e; do echo $c $d; done").Output);

        // a second one has other ids, and exec finds the first one's users
        Start(machine, "second", "shell", "/bin/sh", "-c", "cat /proc/self/uid_map; echo ready; exec sleep 600");
        Assert.NotEqual(lines[0], WaitFor(machine, "second", "ready")[0]);
        Assert.Equal("1000\n", machine.Run("exec", "-u", "ann", "first", "/bin/id", "-u").Output);
        Assert.Equal("first\n", machine.Run("restart", "-t", "0", "first").Output);
        Assert.Equal(lines[0], WaitFor(machine, "first", "ready")[0]);
    }

    [Fact]
    public void Files_are_copied_from_and_to_one_that_does_not_run_with_its_ids()
    {
        using Machine machine = new();
        string bound = Directory.CreateDirectory($"{machine.Folder}/bound").FullName;
        Start(machine, "box", "-v", $"{bound}:/bound", "-v", "kept:/volume", "shell", "/bin/sh", "-c", ": >/made; : >/bound/made; : >/volume/made; echo ready; exec sleep 600");
        WaitFor(machine, "box", "ready");
        Assert.Equal("box\n", machine.Run("stop", "-t", "0", "box").Output);

        // out: what the image, the layer above, a bind and a volume have is root's
        foreach (string path in (string[])["etc/passwd", "made", "bound/made", "volume/made"])
        {
            using Process cp = machine.Start("cp", "-a", $"box:/{path}", "-");
            using MemoryStream archive = new();
            cp.StandardOutput.BaseStream.CopyTo(archive);
            Assert.Equal(new Result(0, "", ""), Machine.Finish(cp));
            using TarReader tar = new(new MemoryStream(archive.ToArray()));
            TarEntry entry = tar.GetNextEntry()!;
            Assert.Equal((Path.GetFileName(path), 0, 0), (entry.Name, entry.Uid, entry.Gid));
        }
        // in: root's here is root's there; what is mounted with its ids nobody outside can write to, whether it runs or not
        File.WriteAllText($"{machine.Folder}/file", "copied");
        Assert.Equal(new Result(0, "", ""), machine.Run("cp", "-q", $"{machine.Folder}/file", "box:/tmp/copied"));
        foreach (string folder in (string[])["/bound", "/volume"])
            Assert.Contains("ids of a user namespace", machine.Run("cp", "-q", $"{machine.Folder}/file", $"box:{folder}/copied").Error);
        Assert.Equal("", string.Join('\n', File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(machine.Folder))));
        Assert.Equal("box\n", machine.Run("start", "box").Output);
        Assert.Equal("0\n", machine.Run("exec", "box", "/bin/sh", "-c", "ls -ln /tmp/copied | { read a b c d; echo $c; }").Output);
        Assert.Equal("copied", machine.Run("exec", "box", "/bin/cat", "/tmp/copied").Output);
    }

    [Fact]
    public void Its_network_belongs_to_it()
    {
        using Machine machine = new();
        Result result = machine.Run(
            "run", "--rm", "--name", "net", "--userns", "auto:size=70000", "--sysctl", "net.ipv4.ip_unprivileged_port_start=0", "shell", "/bin/sh", "-c",
            "cat /proc/self/uid_map /proc/sys/net/ipv4/ip_unprivileged_port_start; ls /sys/class/net; cat /etc/hosts");
        SkipWithoutIdMaps(result);
        Assert.Equal("", result.Error);
        Assert.Contains("70000\n0\n", result.Output);
        Assert.Contains("eth0\nlo\n", result.Output);
    }

    [Fact]
    public void A_user_namespace_is_shared_with_its_ids()
    {
        using Machine machine = new();
        Start(machine, "donor", "--ipc", "shareable", "shell", "/bin/sh", "-c", "cat /proc/self/uid_map; echo ready; exec sleep 600");
        string map = WaitFor(machine, "donor", "ready")[0];
        Result joined = machine.Run(
            "run", "--rm", "--network", "container:donor", "--userns", "container:donor", "--pid", "container:donor", "--ipc", "container:donor", "shell", "/bin/sh", "-c", "cat /proc/self/uid_map; id -u; : >/x && ls -ln /x");
        Assert.Equal("", joined.Error);
        string[] lines = joined.Output.Split('\n');
        Assert.Equal((map, "0"), (lines[0], lines[1]));
        Assert.Matches(@"^-\S+\s+1 0\s+0\s", lines[2]);
    }

    private static void Start(Machine machine, string name, params string[] arguments) =>
        SkipWithoutIdMaps(machine.Run(["run", "-d", "--name", name, "--network", "none", "--userns", "auto", .. arguments]));

    private static void SkipWithoutIdMaps(Result result)
    {
        if (result.Error.Contains("cannot map the ids"))
            Assert.Skip("needs a kernel that maps the ids of overlay layers: Linux 6.15");
        Assert.Equal((0, ""), (result.Code, result.Error));
    }

    private static string[] WaitFor(Machine machine, string name, string last)
    {
        using Process logs = machine.Start("logs", "-f", "--tail", "100", name);
        List<string> lines = [];
        while (logs.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (line == last)
                break;
        }
        logs.Kill();
        Machine.Finish(logs);
        return [.. lines];
    }

    private static string Owner(string path)
    {
        using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u %g", path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return Machine.Finish(stat).Output;
    }

    private static (int Uid, int Gid) OwnerIn(string archive, string name)
    {
        using TarReader tar = new(File.OpenRead(archive));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name.TrimStart('.', '/') == name)
                return (entry.Uid, entry.Gid);
        }
        throw new FileNotFoundException(name);
    }
}
