namespace Rundlet.Cli.Tests.Images;

public class StorageDriverTests
{
    [Fact]
    public void Without_overlayfs_a_container_gets_a_copy_that_lasts_as_long_as_it_does()
    {
        using Machine machine = new();
        machine.Variables["RUNDLET_STORAGE_DRIVER"] = "copy";
        Result first = machine.Run("run", "--name", "copied", "--network", "none", "-u", "ann", "shell", "sh", "-c", "id -u; echo more >/tmp/file");
        Assert.Equal((0, "1000\n"), (first.Code, first.Output));
        Assert.Equal("more\n", File.ReadAllText(Directory.EnumerateFiles($"{machine.Folder}/lib/containers", "file", SearchOption.AllDirectories).Single()));
        Result commit = machine.Run("commit", "copied", "more:1");
        Assert.Equal(1, commit.Code);
        Assert.Contains("nothing tells what it changed", commit.Error);
        string archive = $"{machine.Folder}/copied.tar";
        Assert.Equal(0, machine.Run("export", "-o", archive, "copied").Code);
        Assert.Equal(0, machine.Run("import", archive, "again").Code);
        Assert.Equal("more\n", machine.Run("run", "--rm", "--network", "none", "again", "/bin/cat", "/tmp/file").Output);
        Assert.Equal(0, machine.Run("rm", "copied").Code);
        Assert.Equal("0\n", machine.Run("run", "--rm", "--network", "none", "shell", "id", "-u").Output); // the layer is as it was
    }

    [Fact]
    public void An_unknown_driver_is_refused_with_those_that_there_are()
    {
        using Machine machine = new();
        machine.Variables["RUNDLET_STORAGE_DRIVER"] = "zfs";
        Result refused = machine.Run("run", "--rm", "shell", "true");
        Assert.Equal(125, refused.Code);
        Assert.Equal("rundlet: unknown storage driver 'zfs' in RUNDLET_STORAGE_DRIVER\nhint: there are overlay and copy\n", refused.Error);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }
}
