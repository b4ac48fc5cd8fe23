using System.Diagnostics;

namespace Rundlet.Cli.Tests;

public sealed class VolumeTests
{
    [Fact]
    public void Volumes_are_made_listed_shown_and_removed()
    {
        using Machine machine = new();
        Assert.Equal("store\n", machine.Run("volume", "create", "--label", "keep=yes", "store").Output);
        Assert.Matches("^[0-9a-f]{64}\n$", machine.Run("volume", "create").Output);
        Assert.Matches("^DRIVER    VOLUME NAME\nlocal     [0-9a-f]{64}\nlocal     store\n$", machine.Run("volume", "ls").Output);
        Assert.Equal("store\n", machine.Run("volume", "ls", "-q", "--filter", "label=keep", "--filter", "name=tor").Output);
        Assert.Equal("local yes\n", machine.Run("volume", "inspect", "-f", "{{.Driver}} {{.Labels.keep}}", "store").Output);
        Assert.Equal($"{machine.Folder}/lib/volumes/store/_data\n", machine.Run("inspect", "-f", "{{.Mountpoint}}", "store").Output);
        Assert.Equal("store\n", machine.Run("volume", "rm", "store").Output);
        Result missing = machine.Run("volume", "rm", "store");
        Assert.Equal((1, "rundlet: no such volume 'store'\nhint: rundlet volume ls lists what there is\n"), (missing.Code, missing.Error));
        Assert.Equal((0, "store\n"), (machine.Run("volume", "rm", "-f", "store").Code, machine.Run("volume", "rm", "-f", "store").Output));
        Assert.Equal(125, machine.Run("volume", "create", "../etc").Code);
        Assert.Equal(1, machine.Run("volume", "create", "-d", "nfs", "store").Code);
        Assert.Equal(125, machine.Run("volume", "create", "-o", "colour=red", "store").Code);
    }

    [Fact]
    public void What_a_container_writes_to_a_volume_the_next_one_reads()
    {
        using Machine machine = new();
        Assert.Equal(0, Shell(machine, ["-v", "data:/data"], "echo hello > /data/file").Code);
        Assert.Equal("hello\n", Shell(machine, ["--mount", "type=volume,src=data,dst=/other,readonly"], "cat /other/file").Output);
        Assert.Contains("Read-only", Shell(machine, ["-v", "data:/data:ro"], "echo x > /data/file").Error);
        machine.Run("run", "--name", "user", "--network", "none", "-v", "data:/data:ro", "-v", "/anonymous", "--tmpfs", "/t", "-v", $"{machine.Folder}:/host", "shell", "/bin/true");
        Result used = machine.Run("volume", "rm", "data");
        Assert.Equal((1, "rundlet: cannot remove volume 'data': in use by 'user'\nhint: remove that container first: rundlet rm user\n"), (used.Code, used.Error));
        string source = $"{machine.Folder}/lib/volumes/data/_data";
        Assert.Equal(
            $"volume data {source} /data local ro false []\n",
            machine.Run("inspect", "-f", "{{with index .Mounts 0}}{{.Type}} {{.Name}} {{.Source}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}} [{{.Propagation}}]{{end}}", "user").Output);
        Assert.Equal("bind rprivate tmpfs\n", machine.Run("inspect", "-f", "{{with index .Mounts 2}}{{.Type}} {{.Propagation}}{{end}} {{with index .Mounts 3}}{{.Type}}{{end}}", "user").Output);
        Assert.Equal($"[\"data:/data:ro\",\"{machine.Folder}:/host\"]\n", machine.Run("inspect", "-f", "{{json .HostConfig.Binds}}", "user").Output);
        Assert.Equal(0, machine.Run("rm", "-v", "user").Code);
        Assert.Equal("data\n", machine.Run("volume", "ls", "-q").Output);
    }

    [Fact]
    public void An_empty_volume_gets_what_the_image_has_there()
    {
        using Machine machine = new();
        MakeImage(machine);
        const string Look = "cd /data; ls -la --time-style=+%s . folder; cat link; ls -i a folder/b | while read i n; do echo $i; done";
        string[] inImage = machine.Run("run", "--rm", "--network", "none", "--tmpfs", "/unused", "-v", "x1:/elsewhere", "plain", "/bin/sh", "-c", Look).Output.Split('\n');
        string[] inVolume = machine.Run("run", "--rm", "--network", "none", "-v", "named:/data", "image", "/bin/sh", "-c", Look).Output.Split('\n');
        Assert.Equal(Lines(inImage), Lines(inVolume));
        Assert.Contains("content", inVolume);
        Assert.Equal(inVolume[^2], inVolume[^3]); // one file with two names, as in the image
        Assert.Equal("", machine.Run("run", "--rm", "--network", "none", "-v", "empty:/data:nocopy", "image", "/bin/ls", "/data").Output);
        Shell(machine, ["-v", "old:/x"], "echo mine > /x/mine");
        Assert.Equal("mine\n", machine.Run("run", "--rm", "--network", "none", "-v", "old:/data", "image", "/bin/ls", "/data").Output);
        Result file = machine.Run("run", "--rm", "--network", "none", "-v", "other:/etc/passwd", "image", "/bin/true");
        Assert.Equal((125, "rundlet: cannot mount volume 'other' on '/etc/passwd': the image has a file there\n"), (file.Code, file.Error));
    }

    [Fact]
    public void The_volumes_of_an_image_come_and_go_with_its_containers()
    {
        using Machine machine = new();
        MakeImage(machine);
        Assert.Equal(0, machine.Run("run", "--rm", "--network", "none", "image", "/bin/cat", "/data/a").Code);
        Assert.Equal("", machine.Run("volume", "ls", "-q").Output);
        Assert.Equal(127, machine.Run("run", "--network", "none", "image", "/bin/nothing").Code);
        Assert.Equal("", machine.Run("volume", "ls", "-q").Output);
        machine.Run("run", "--name", "box", "--network", "none", "image", "/bin/sh", "-c", "echo more > /data/more");
        string name = machine.Run("volume", "ls", "-q").Output.Trim();
        Assert.Matches("^[0-9a-f]{64}$", name);
        Assert.Equal(name + "\n", machine.Run("inspect", "-f", "{{(index .Mounts 0).Name}}", "box").Output);
        Assert.Contains("more\n", machine.Run("run", "--rm", "--network", "none", "--volumes-from", "box:ro", "shell", "/bin/ls", "/data").Output);
        Assert.Equal($"{name}\n", machine.Run("volume", "ls", "-q").Output);
        machine.Run("rm", "box");
        Assert.Equal($"{name}\n", machine.Run("volume", "ls", "-q", "--filter", "dangling=true").Output);
        machine.Run("volume", "create", "kept");
        Assert.StartsWith($"Deleted Volumes:\n{name}\n\nTotal reclaimed space: ", machine.Run("volume", "prune", "-f").Output);
        Assert.Equal("Total reclaimed space: 0B\n", machine.Run("volume", "prune", "-af", "--filter", "label=x").Output);
        Assert.StartsWith("Deleted Volumes:\nkept\n", machine.Run("volume", "prune", "-af").Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{machine.Folder}/lib/volumes"));
    }

    [Fact]
    public void A_path_of_an_image_stays_in_the_image()
    {
        using Machine machine = new();
        // The image says "/../etc" and has a link that leads out, were it followed on the host.
        machine.Run("run", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "echo image > /etc/only; ln -s ../../../../../../etc /out 2>/dev/null || true");
        machine.Run("commit", "-c", "VOLUME /../etc/../etc", "box", "hostile");
        machine.Run("rm", "box");
        string listed = machine.Run("run", "--rm", "--network", "none", "hostile", "/bin/ls", "/etc").Output;
        Assert.Contains("only\n", listed);
        Assert.DoesNotContain("fstab", listed);
        Assert.DoesNotContain("debian_version", listed);
    }

    [Fact]
    public void Two_containers_that_start_at_once_with_one_volume_both_see_all_of_it()
    {
        using Machine machine = new();
        MakeImage(machine, files: 200);
        List<Process> runs = [.. Enumerable.Range(0, 4).Select(_ => machine.Start("run", "--rm", "--network", "none", "-v", "one:/data", "image", "/bin/ls", "/data/many"))];
        List<Result> results = [.. runs.Select(Machine.Finish)];
        Assert.All(results, result => Assert.Equal((0, 200), (result.Code, result.Output.Split('\n').Length - 1)));
        Assert.Equal(["_data"], Directory.EnumerateFileSystemEntries($"{machine.Folder}/lib/volumes/one").Select(Path.GetFileName));
    }

    private static Result Shell(Machine machine, string[] flags, string script) =>
        machine.Run(["run", "--rm", "--network", "none", .. flags, "shell", "/bin/sh", "-c", script]);

    // "image" has VOLUME /data, "plain" the same files without.
    private static void MakeImage(Machine machine, int files = 0)
    {
        string script = "mkdir -p /data/folder /data/many; echo content > /data/a; ln -s a /data/link; ln /data/a /data/folder/b; i=0; "
            + $"while [ $i -lt {files} ]; do echo $i > /data/many/$i; i=$((i+1)); done; touch -d @1000000000 /data/a /data/folder /data/many /data";
        Assert.Equal(0, machine.Run("run", "--name", "maker", "--network", "none", "shell", "/bin/sh", "-c", script).Code);
        Assert.Equal(0, machine.Run("commit", "maker", "plain").Code);
        Assert.Equal(0, machine.Run("commit", "-c", "VOLUME /data", "maker", "image").Code);
        machine.Run("rm", "maker");
    }

    // Without sizes and numbers of folders, which are their file system's own, and without inode numbers.
    private static IEnumerable<string> Lines(string[] listing) => listing[..^3].Where(line => !line.StartsWith("total", StringComparison.Ordinal) && !line.EndsWith("..", StringComparison.Ordinal))
        .Select(line => line.StartsWith('d') ? string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where((_, i) => i is not (1 or 4))) : line);
}
