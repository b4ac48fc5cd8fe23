namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>What covers a masked file comes from the image: its own /dev/null (CVE-2025-31133), or the mask follows a link of the image.</summary>
public sealed class PlantedNullDeviceTests : ContainerTest
{
    [Fact]
    public void A_masked_file_shows_nothing_of_a_volume_that_takes_the_place_of_dev()
    {
        TestContainer container = Container().Script("cat /etc/secret");
        string volume = Directory.CreateDirectory($"{Scratch}/volume").FullName;
        File.WriteAllText($"{volume}/null", "planted");
        File.WriteAllText($"{container.Rootfs}/etc/secret", "secret");
        container.Mounts.RemoveAt(1);
        container.Mount("/dev", "bind", volume, "bind", "rw");
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/etc/secret");
        Assert.Equal("", container.Run().Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_masked_file_shows_neither_itself_nor_what_the_image_planted(bool link)
    {
        TestContainer container = Container().Script("cat /etc/secret; { echo overwritten > /etc/secret; } 2>/tmp/error; true");
        container.Mounts.RemoveAt(1); // /dev is the image's
        File.WriteAllText($"{container.Rootfs}/etc/planted", "planted");
        if (link)
            File.CreateSymbolicLink($"{container.Rootfs}/dev/null", "/etc/planted");
        else
            File.WriteAllText($"{container.Rootfs}/dev/null", "planted");
        File.WriteAllText($"{container.Rootfs}/etc/secret", "secret");
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/etc/secret");
        Finished run = container.Run();
        Assert.DoesNotContain("planted", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Output, StringComparison.Ordinal);
        Assert.Equal("planted", File.ReadAllText($"{container.Rootfs}/etc/planted"));
    }
}
