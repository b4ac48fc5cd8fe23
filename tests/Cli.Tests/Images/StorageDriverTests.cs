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

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public void A_copy_shares_its_content_with_the_layer_where_the_file_system_can(string kind)
    {
        const int Content = 48 << 20;
        using Machine machine = new();
        using LoopDisk disk = LoopDisk.ThatShares(kind);
        machine.Variables["RUNDLET_STORAGE_DRIVER"] = "copy";
        machine.Variables["RUNDLET_ROOT"] = $"{disk.Mount}/lib";
        string root = Directory.CreateDirectory($"{machine.Folder}/root").FullName, archive = $"{machine.Folder}/noise.tar";
        byte[] noise = new byte[Content];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes($"{root}/noise", noise);
        LoopDisk.Run("tar", "-C", root, "-xf", $"{machine.Folder}/root.tar");
        LoopDisk.Run("tar", "-C", root, "-cf", archive, ".");
        Assert.Equal(0, machine.Run("import", archive, "noise").Code);
        string[] names = ["one", "two", "three"];
        long before = disk.Free();
        foreach (string name in names)
            Assert.Equal(0, machine.Run("run", "--name", name, "--network", "none", "noise", "sh", "-c", "echo more >>/noise").Code);
        Assert.InRange(before - disk.Free(), 0, Content / 4);
        string layer = Directory.EnumerateFiles($"{disk.Mount}/lib/layers", "noise", SearchOption.AllDirectories).Single();
        Assert.Equal(noise, File.ReadAllBytes(layer));
        foreach (string file in Directory.EnumerateFiles($"{disk.Mount}/lib/containers", "noise", SearchOption.AllDirectories))
            Assert.Equal([.. noise, .. "more\n"u8], File.ReadAllBytes(file));
        Assert.Equal(0, machine.Run(["rm", .. names]).Code);
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
