namespace Rundlet.Cli.Tests;

public sealed class SystemTests
{
    [Fact]
    public void Space_is_told_for_images_and_containers()
    {
        using Machine machine = new();
        machine.AddImage("base", [new string('a', 1000)]);
        machine.AddImage("web", [new string('a', 1000), new string('b', 500)], 1);
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "echo 12345678 > /written; exec sleep 600");
        machine.Run("run", "--name", "ended", "--network", "none", "shell", "/bin/sh", "-c", "echo 1234 > /written; echo 123 > /etc/c");
        string[] table = machine.Run("system", "df").Output.Split('\n');
        Assert.Matches("^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$", table[0]);
        Assert.Matches(@"^Images +3 +1 +\S+MB +\S+kB \(0%\)$", table[1]);
        Assert.Matches(@"^Containers +2 +1 +18B +9B \(50%\)$", table[2]);
        Assert.Matches(@"^Local Volumes +0 +0 +0B +0B \(0%\)$", table[3]);
        Assert.Equal("Images 3 1\nContainers 2 1\nLocal Volumes 0 0\n", machine.Run("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}}").Output);
        string verbose = machine.Run("system", "df", "-v").Output;
        Assert.Matches(@"(?m)^web +latest +[0-9a-f]{12} +\d+ years ago +\S+B +\S+B +\S+B +0$", verbose);
        Assert.Matches(@"(?m)^shell +latest +[0-9a-f]{12} +\S.* ago +\S+MB +0B +\S+MB +2$", verbose);
        Assert.Matches(@"(?m)^[0-9a-f]{12} +shell +9B +.* ago +Up .* box$", verbose);
        Assert.Equal(125, machine.Run("system", "df", "-v", "--format", "json").Code);
    }

    [Fact]
    public void Images_are_drawn_on_the_layers_that_they_share()
    {
        using Machine machine = new();
        machine.AddImage("base", [new string('a', 1000), new string('b', 1000)]);
        machine.AddImage("web", [new string('a', 1000), new string('b', 1000), new string('c', 500)], 1);
        string[] tree = machine.Run("images", "--tree", "--filter", "reference=base", "--filter", "reference=web").Output.Split('\n');
        Assert.Matches("^LAYERS AND IMAGES +SIZE +SHARED +UNIQUE$", tree[0]);
        Assert.Matches("^2 layers to [0-9a-f]{12} +2kB +$", tree[1]);
        Assert.Matches(@"^├─ base:latest +\S+kB +\S+kB +\S+B$", tree[2]);
        Assert.Matches("^└─ layer [0-9a-f]{12} +500B +$", tree[3]);
        Assert.Matches(@"^   └─ web:latest +\S+kB +\S+kB +\S+B$", tree[4]);
        Assert.Equal(125, machine.Run("images", "--tree", "-q").Code);
    }

    [Fact]
    public void Containers_that_do_not_run_are_pruned()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sleep", "600");
        machine.Run("run", "--name", "kept", "--label", "keep=yes", "--network", "none", "shell", "/bin/true");
        machine.Run("run", "--name", "ended", "--network", "none", "shell", "/bin/sh", "-c", "echo 1234 > /written");
        string id = machine.Run("inspect", "-f", "{{.Id}}", "ended").Output.Trim();
        Assert.Equal("Total reclaimed space: 0B\n", machine.Run("container", "prune", "-f", "--filter", "until=24h").Output);
        Assert.Equal($"Deleted Containers:\n{id}\n\nTotal reclaimed space: 5B\n", machine.Run("container", "prune", "-f", "--filter", "label!=keep").Output);
        Assert.Equal("kept\nbox\n", machine.Run("ps", "-a", "--format", "{{.Names}}").Output);
        Assert.Equal(1, machine.RunWithInput("no\n", "container", "prune").Code);
        Assert.Contains("Deleted Containers:", machine.RunWithInput("Y\n", "container", "prune").Output);
        Assert.Equal("box\n", machine.Run("ps", "-a", "--format", "{{.Names}}").Output);
    }

    [Fact]
    public void Everything_that_is_not_in_use_is_pruned_at_once()
    {
        using Machine machine = new();
        machine.AddImage("web", ["first"]);
        machine.AddImage("web", ["second"], 1);
        machine.Run("run", "--name", "ended", "--network", "none", "shell", "/bin/true");
        Assert.Contains("  - all images without a name\n", machine.RunWithInput("n\n", "system", "prune").Output);
        string first = machine.Run("system", "prune", "-f").Output;
        Assert.Contains("Deleted Containers:\n", first);
        Assert.Contains("Deleted Images:\ndeleted: sha256:", first);
        Assert.Equal("shell\nweb\n", machine.Run("images", "--format", "{{.Repository}}").Output);
        string all = machine.Run("system", "prune", "-af", "--volumes").Output;
        Assert.Contains("untagged: shell:latest", all);
        Assert.Contains("untagged: web:latest", all);
        Assert.Empty(Directory.EnumerateFiles($"{machine.Folder}/lib/blobs/sha256"));
        Assert.Equal(["ingest"], Directory.EnumerateFileSystemEntries($"{machine.Folder}/lib/layers").Select(Path.GetFileName));
    }

    [Fact]
    public void A_check_names_what_is_damaged_and_a_repair_takes_it_from_what_is_whole()
    {
        using Machine machine = new();
        machine.AddImage("web", ["content"]);
        Result whole = machine.Run("system", "check");
        Assert.Equal((0, "blobs: Checking\nblobs: Checked\nlayers: Checking\nlayers: Checked\n"), (whole.Code, whole.Error));
        Assert.Matches("^[0-9]+ blobs and 2 layers verified, no problem\n$", whole.Output);
        string layer = machine.Run("inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", "web").Output.Trim();
        File.WriteAllText($"{layer}/file0", "changed");
        Result damaged = machine.Run("system", "check");
        Assert.Equal(1, damaged.Code);
        Assert.Matches(@"^layer 'sha256:[0-9a-f]{64}' .*needed by web:latest\n", damaged.Output);
        Assert.Contains("hint: rundlet system check --repair", damaged.Error);
        Result repaired = machine.Run("system", "check", "--repair", "--quiet");
        Assert.Equal((0, ""), (repaired.Code, repaired.Error));
        Assert.EndsWith("1 repaired\n", repaired.Output);
        Assert.Equal(0, machine.Run("system", "check").Code);
    }
}
