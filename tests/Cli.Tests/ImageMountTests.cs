namespace Rundlet.Cli.Tests;

/// <summary><c>--mount type=image</c>.</summary>
public sealed class ImageMountTests
{
    [Fact]
    public void The_files_of_an_image_are_mounted_and_nobody_writes_to_them()
    {
        using Machine machine = new();
        MakeTwo(machine);
        Result run = machine.Run("run", "--rm", "--network", "none", "--mount", "type=image,source=two,target=/img", "shell", "/bin/sh", "-c",
            "cat /img/tmp/second /img/etc/group; echo 3 >/img/tmp/second; echo $?");
        Assert.StartsWith("2\nroot:x:0:", run.Output);
        Assert.EndsWith("\n2\n", run.Output);
        Assert.Contains("Read-only file system", run.Error);
        Assert.Equal("2\n", machine.Run("run", "--rm", "--network", "none", "two", "/bin/cat", "/tmp/second").Output);
        Result part = machine.Run("run", "--rm", "--network", "none", "--mount", "type=image,source=shell,target=/img,image-subpath=etc/passwd", "shell", "/bin/cat", "/img");
        Assert.StartsWith("root:x:0:", part.Output);
        Result second = machine.Run("run", "--rm", "--network", "none", "--mount", "type=image,source=two,target=/img,subpath=tmp", "shell", "/bin/cat", "/img/second");
        if (OperatingSystem.IsOSPlatformVersionAtLeast("Linux", 6, 15))
            Assert.Equal((0, "2\n"), (second.Code, second.Output));
        else
            Assert.Equal((125, true), (second.Code, second.Error.Contains("cannot be mounted before Linux 6.15")));
    }

    [Fact]
    public void An_image_stays_as_long_as_a_container_mounts_it()
    {
        using Machine machine = new();
        MakeTwo(machine);
        Assert.Equal(0, machine.Run("run", "-d", "--name", "box", "--network", "none", "--mount", "type=image,src=two,dst=/img", "shell", "/bin/sleep", "600").Code);
        Result refused = machine.Run("rmi", "two");
        Assert.Equal((1, "rundlet: image 'two' is used by container 'box'"), (refused.Code, refused.Error.Split('\n')[0]));
        Assert.Equal("image two false\n", machine.Run("inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Source}} {{.RW}}{{end}}", "box").Output);
        Assert.Equal(0, machine.Run("rmi", "-f", "two").Code);
        machine.Run("image", "prune", "-a", "-f");
        Assert.Equal(0, machine.Run("restart", "-t", "0", "box").Code);
        Assert.Equal("2\n", machine.Run("exec", "box", "/bin/cat", "/img/tmp/second").Output);
        string layers = $"{machine.Folder}/lib/layers";
        int before = Directory.GetDirectories(layers).Length;
        Assert.Equal(0, machine.Run("rm", "-f", "box").Code);
        machine.Run("image", "prune", "-f");
        Assert.Equal(before - 1, Directory.GetDirectories(layers).Length);
    }

    [Theory]
    [InlineData("type=image,target=/img", "say which image")]
    [InlineData("type=image,source=absent,target=/img", "no such image 'absent'")]
    [InlineData("type=image,source=shell,target=/img,image-subpath=absent", "path 'absent' of image 'shell' does not exist")]
    [InlineData("type=image,source=shell,target=/img,image-subpath=../x", "leads out of the image")]
    [InlineData("type=image,source=shell,target=/img,image-subpath=/etc", "must be relative")]
    [InlineData("type=image,source=shell,target=/img,volume-nocopy", "'volume-nocopy' is no field of type 'image'")]
    public void What_cannot_be_mounted_is_named_and_nothing_is_left(string mount, string message)
    {
        using Machine machine = new();
        Result run = machine.Run("run", "--rm", "--network", "none", "--mount", mount, "shell", "/bin/true");
        Assert.Equal((125, true), (run.Code, run.Error.Contains(message)));
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }

    // An image of two layers.
    private static void MakeTwo(Machine machine)
    {
        Assert.Equal(0, machine.Run("run", "--name", "first", "--network", "none", "shell", "/bin/sh", "-c", "echo 2 >/tmp/second").Code);
        Assert.Equal(0, machine.Run("commit", "first", "two").Code);
        Assert.Equal(0, machine.Run("rm", "first").Code);
    }
}
