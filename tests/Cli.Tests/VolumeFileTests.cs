using System.Diagnostics;
using System.Formats.Tar;
using System.Text;

namespace Rundlet.Cli.Tests;

/// <summary>What is in volumes, and how it gets there: archives, paths in volumes, file systems of their own.</summary>
public sealed class VolumeFileTests
{
    [Fact]
    public void A_volume_is_written_to_an_archive_and_read_from_it()
    {
        using Machine machine = new();
        Shell(machine, "from", "mkdir -p /v/a/b; echo x > /v/a/file; ln /v/a/file /v/a/b/same; ln -s a/file /v/link; echo keep > /v/.wh.name; touch -d @1000000000 /v/a");
        machine.Run("volume", "create", "to");
        Shell(machine, "to", "mkdir /v/a; echo old > /v/a/old; echo y > /v/a/file");
        Assert.Equal(0, machine.Run("volume", "export", "-o", $"{machine.Folder}/v.tar", "from").Code);
        Assert.Equal(0, machine.Run("volume", "import", "to", $"{machine.Folder}/v.tar").Code);
        Assert.Equal("old x x keep\n", Shell(machine, "to", "cd /v; echo $(cat a/old a/b/same link .wh.name)").Output);
        Assert.Equal("1000000000\n", Shell(machine, "to", "ls -ld --time-style=+%s /v/a | while read m n u g s t x; do echo $t; done").Output);
        Assert.Equal((1, 1), (machine.Run("volume", "export", "-o", "/dev/null", "nothing").Code, machine.Run("volume", "import", "nothing", $"{machine.Folder}/v.tar").Code));
    }

    [Fact]
    public void A_hostile_or_damaged_archive_changes_nothing()
    {
        using Machine machine = new();
        Shell(machine, "data", "echo mine > /v/mine");
        string good = $"{machine.Folder}/good.tar", bad = $"{machine.Folder}/bad.tar", hostile = $"{machine.Folder}/hostile.tar";
        Pack(good, ("a", new string('x', 5000)), ("b", "y"));
        File.WriteAllBytes(bad, File.ReadAllBytes(good)[..3000]);
        Pack(hostile, ("ok", "1"), ("../../escaped", "2"));
        foreach (string archive in (string[])[bad, hostile])
        {
            Result result = machine.Run("volume", "import", "data", archive);
            Assert.NotEqual(0, result.Code);
            Assert.Matches("^rundlet: import into volume 'data': [^\n]+\n", result.Error);
            Assert.Equal("mine\n", Shell(machine, "data", "ls -A /v").Output);
        }
        Assert.Equal(["_data"], Directory.EnumerateFileSystemEntries($"{machine.Folder}/lib/volumes/data").Select(Path.GetFileName));
    }

    [Fact]
    public void An_import_follows_no_link_that_a_container_placed()
    {
        using Machine machine = new();
        string canary = $"{machine.Folder}/canary";
        Directory.CreateDirectory(canary);
        File.WriteAllText($"{canary}/file", "host");
        File.SetUnixFileMode(canary, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Shell(machine, "data", $"ln -s {canary} /v/folder; ln -s {canary}/file /v/file; ln -s ../../../../../..{canary} /v/up");
        string archive = $"{machine.Folder}/a.tar";
        Pack(archive, ("folder/", ""), ("folder/file", "new"), ("file", "new"), ("up/", ""), ("up/other", "new"));
        Assert.Equal(0, machine.Run("volume", "import", "data", archive).Code);
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(canary).Select(Path.GetFileName));
        Assert.Equal("host", File.ReadAllText($"{canary}/file"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(canary));
        Assert.Equal("newnewnew\n", Shell(machine, "data", "cd /v; echo $(cat folder/file file up/other)").Output);
    }

    [Fact]
    public void A_path_in_a_volume_is_mounted_and_never_one_outside()
    {
        using Machine machine = new();
        Shell(machine, "data", "mkdir -p /v/a/b; echo deep > /v/a/b/file; ln -s a/b /v/inner; ln -s /etc /v/out; ln -s ../../.. /v/up");
        Assert.Equal("deep\n", Sub(machine, "a/b", "cat /s/file").Output);
        Assert.Equal("deep\n", Sub(machine, "inner", "cat /s/file").Output);
        Assert.Equal("deep\n", Sub(machine, "a/b/file", "cat /s").Output);
        Assert.Contains("path 'out' of volume 'data' leads out of the volume", Sub(machine, "out", "ls /s").Error);
        Assert.Contains("leads out of the volume", Sub(machine, "up", "ls /s").Error);
        Assert.Contains("leads out of the volume", Sub(machine, "a/../../x", "ls /s").Error);
        Result missing = Sub(machine, "nothing", "ls /s");
        Assert.Equal(125, missing.Code);
        Assert.Contains("path 'nothing' of volume 'data' does not exist", missing.Error);
    }

    [Fact]
    public void Containers_share_the_file_system_of_a_volume_and_the_last_one_unmounts_it()
    {
        using Machine machine = new();
        string data = $"{machine.Folder}/lib/volumes/mem/_data";
        Assert.Equal("mem\n", machine.Run("volume", "create", "-o", "type=tmpfs", "-o", "o=size=1m,noexec", "mem").Output);
        Assert.Equal("tmpfs\n", machine.Run("volume", "inspect", "-f", "{{.Options.type}}", "mem").Output);
        machine.Run("run", "-d", "--name", "one", "--network", "none", "-v", "mem:/v", "shell", "/bin/sh", "-c", "echo shared > /v/file; exec sleep 600");
        machine.Run("run", "-d", "--name", "two", "--network", "none", "-v", "mem:/v", "shell", "/bin/sleep", "600");
        Assert.Equal("shared\n", machine.Run("exec", "two", "/bin/cat", "/v/file").Output);
        Assert.Matches("/v [^\n]*noexec[^\n]* - tmpfs [^\n]*size=1024k", machine.Run("exec", "two", "/bin/cat", "/proc/self/mountinfo").Output);
        Assert.True(File.Exists($"{data}/file"));
        machine.Run("rm", "-f", "one");
        Assert.True(File.Exists($"{data}/file"));
        Assert.Equal(1, machine.Run("volume", "rm", "mem").Code);
        machine.Run("rm", "-f", "two");
        Assert.False(File.Exists($"{data}/file"));
        Assert.DoesNotContain(machine.Folder, File.ReadAllText("/proc/self/mountinfo"));
        Assert.Equal(0, machine.Run("volume", "rm", "mem").Code);
    }

    [Fact]
    public void What_a_killed_supervisor_left_mounted_the_next_command_unmounts()
    {
        using Machine machine = new();
        machine.Run("volume", "create", "-o", "type=tmpfs", "mem");
        machine.Run("run", "-d", "--name", "one", "--network", "none", "-v", "mem:/v", "shell", "/bin/sleep", "600");
        int pid = int.Parse(machine.Run("inspect", "-f", "{{.State.Pid}}", "one").Output);
        string state = File.ReadAllText(Directory.EnumerateFiles($"{machine.Folder}/run/containers", "state.json", SearchOption.AllDirectories).Single());
        using var document = System.Text.Json.JsonDocument.Parse(state);
        Kill(document.RootElement.GetProperty("supervisorPid").GetInt32());
        Kill(pid);
        Assert.Contains(machine.Folder, File.ReadAllText("/proc/self/mountinfo"));
        machine.Run("ps");
        Assert.DoesNotContain(machine.Folder, File.ReadAllText("/proc/self/mountinfo"));
        Assert.Equal(0, machine.Run("rm", "one").Code);
        Assert.Equal(0, machine.Run("volume", "rm", "mem").Code);
    }

    [Fact]
    public void A_volume_can_be_a_folder_of_the_host()
    {
        using Machine machine = new();
        string folder = $"{machine.Folder}/host";
        Assert.Equal(0, machine.Run("volume", "create", "-o", "type=none", "-o", "o=bind,ro", "-o", $"device={folder}", "data").Code);
        Result missing = Shell(machine, "data", "ls /v");
        Assert.Equal(125, missing.Code);
        Assert.Contains($"mount volume 'data': bind '{folder}': ENOENT", missing.Error);
        Directory.CreateDirectory(folder);
        File.WriteAllText($"{folder}/file", "host");
        Assert.Equal("host", Shell(machine, "data", "cat /v/file").Output);
        Assert.Contains("Read-only", Shell(machine, "data", "echo x > /v/x").Error);
        Assert.Equal(125, machine.Run("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", "device=relative", "x1").Code);
        Assert.Equal(125, machine.Run("volume", "create", "-o", "type=nfs", "-o", "o=addr=server", "-o", "device=:/x", "x1").Code);
        Assert.Equal(125, machine.Run("volume", "create", "-o", "device=/dev/sda1", "x1").Code);
        Assert.Equal(0, machine.Run("volume", "create", "-o", "type=nosuchfs", "-o", "device=x", "odd").Code);
        Assert.Contains("mount volume 'odd': open file system 'nosuchfs': ENODEV", Shell(machine, "odd", "ls /v").Error);
        machine.Run("volume", "rm", "data");
        Assert.True(File.Exists($"{folder}/file"));
    }

    [Fact]
    public void A_disk_that_is_a_volume_gets_the_files_of_the_image_once()
    {
        using Machine machine = new();
        using VolumeDisk disk = VolumeDisk.Make(machine, "-O ^has_journal");
        Assert.Equal(0, machine.Run("volume", "create", "-o", "type=ext4", "-o", $"device={disk.Device}", "disk").Code);
        machine.Run("run", "--name", "maker", "--network", "none", "shell", "/bin/sh", "-c", "mkdir /data; echo image > /data/file");
        machine.Run("commit", "maker", "image");
        machine.Run("rm", "maker");
        // A new file system is not empty, it has lost+found: as docker, nothing is copied until that is gone.
        Assert.Equal("lost+found\n", machine.Run("run", "--rm", "--network", "none", "-v", "disk:/data", "image", "/bin/ls", "/data").Output);
        Assert.Equal(0, VolumeDisk.Tool("debugfs", ["-w", "-R", "rmdir lost+found", disk.Device]).Code);
        Assert.Equal("file\n", machine.Run("run", "--rm", "--network", "none", "-v", "disk:/data", "image", "/bin/ls", "/data").Output);
        Assert.Equal("ext4 image\n", machine.Run("run", "--rm", "--network", "none", "-v", "disk:/data", "image", "/bin/sh", "-c",
            "while read a b c d e f; do case \"$e $f\" in '/data '*) echo ${f#* - };; esac; done < /proc/self/mountinfo | { read t x; echo $t $(cat /data/file); }").Output);
        Assert.Equal(0, machine.Run("volume", "rm", "disk").Code);
        Assert.DoesNotContain(machine.Folder, File.ReadAllText("/proc/self/mountinfo"));
    }

    [Fact]
    public void Space_of_volumes_is_told_and_pruned()
    {
        using Machine machine = new();
        Shell(machine, "data", "echo 12345678 > /v/file");
        machine.Run("run", "--name", "box", "--network", "none", "-v", "/v", "shell", "/bin/sh", "-c", "echo 1234 > /v/file");
        Assert.Matches(@"(?m)^Local Volumes +2 +1 +14B +9B \(64%\)$", machine.Run("system", "df").Output);
        Assert.Matches("(?m)^data +0 +9B$", machine.Run("system", "df", "-v").Output);
        string pruned = machine.Run("system", "prune", "-f", "--volumes").Output;
        Assert.Matches("(?s)^Deleted Containers:\n.*Deleted Volumes:\n[0-9a-f]{64}\n", pruned);
        Assert.Equal("data\n", machine.Run("volume", "ls", "-q").Output);
    }

    [Fact]
    public void A_size_that_the_file_system_cannot_limit_makes_nothing()
    {
        using Machine machine = new();
        // A file system in memory, which counts no projects.
        machine.Variables["RUNDLET_ROOT"] = $"{machine.Folder}/memory/lib";
        Directory.CreateDirectory($"{machine.Folder}/memory");
        Assert.Equal(0, VolumeDisk.Tool("mount", ["-t", "tmpfs", "tmpfs", $"{machine.Folder}/memory"]).Code);
        try
        {
            machine.Run("import", $"{machine.Folder}/root.tar", "shell");
            foreach (string[] command in (string[][])[
                ["volume", "create", "-o", "size=10m", "data"],
                ["run", "--rm", "--network", "none", "--storage-opt", "size=10m", "shell", "/bin/true"],
                ["run", "--rm", "--network", "none", "--mount", "src=data,dst=/d,volume-opt=size=10m", "shell", "/bin/true"],
            ])
            {
                Result refused = machine.Run(command);
                Assert.NotEqual(0, refused.Code);
                Assert.Matches("^rundlet: a size needs project quotas, which the file system of '[^']+' does not have\nhint: [^\n]*prjquota", refused.Error);
                Assert.Equal(("", ""), (machine.Run("volume", "ls", "-q").Output, machine.Run("ps", "-aq").Output));
            }
            Assert.Equal(125, machine.Run("run", "--storage-opt", "size=0", "shell").Code);
            Assert.Equal(125, machine.Run("run", "--storage-opt", "colour=red", "shell").Code);
        }
        finally
        {
            machine.Variables.Remove("RUNDLET_ROOT");
            Assert.Equal(0, VolumeDisk.Tool("umount", [$"{machine.Folder}/memory"]).Code);
        }
    }

    private static Result Shell(Machine machine, string volume, string script) =>
        machine.Run("run", "--rm", "--network", "none", "-v", $"{volume}:/v", "shell", "/bin/sh", "-c", script);

    private static Result Sub(Machine machine, string path, string script) =>
        machine.Run("run", "--rm", "--network", "none", "--mount", $"src=data,dst=/s,volume-subpath={path}", "shell", "/bin/sh", "-c", script);

    private static void Kill(int pid)
    {
        using Process process = Process.GetProcessById(pid);
        process.Kill();
        process.WaitForExit();
    }

    private static void Pack(string path, params (string Name, string Text)[] entries)
    {
        using TarWriter tar = new(File.Create(path));
        foreach ((string name, string text) in entries)
        {
            tar.WriteEntry(name.EndsWith('/')
                ? new PaxTarEntry(TarEntryType.Directory, name) { Mode = (UnixFileMode)0x1ED }
                : new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)0x1A4 });
        }
    }
}
