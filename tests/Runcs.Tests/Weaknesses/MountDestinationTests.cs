using System.Text.Json.Nodes;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// A mount destination that the image, or another container meanwhile, makes a link: the mount lands on the host, or folders and files
/// are made there (CVE-2021-30465, CVE-2024-45310, CVE-2019-18837, CVE-2025-24965).
/// </summary>
public sealed class MountDestinationTests : ContainerTest
{
    private string Outside => Directory.CreateDirectory($"{Scratch}/outside").FullName;

    [Theory]
    [InlineData("")]
    [InlineData("/not/there")]
    public void A_planted_link_leads_no_mount_and_no_folder_outside(string below)
    {
        TestContainer container = Container().Script("true").Mount($"/climbs{below}", "tmpfs", "tmpfs").Mount($"/absolute{below}", "tmpfs", "tmpfs");
        File.CreateSymbolicLink($"{container.Rootfs}/climbs", $"../../../../../../../../../..{Outside}");
        File.CreateSymbolicLink($"{container.Rootfs}/absolute", Outside);
        _ = container.Run(); // it may refuse, or mount inside
        AssertUntouched();
    }

    [Fact]
    public void A_planted_link_leads_no_file_of_a_bind_outside()
    {
        File.WriteAllText($"{Scratch}/source", "bound");
        TestContainer container = Container().Script("true").Mount("/etc/climbs", "bind", $"{Scratch}/source", "bind").Mount("/etc/absolute", "bind", $"{Scratch}/source", "bind");
        File.CreateSymbolicLink($"{container.Rootfs}/etc/climbs", $"../../../../../../../../../../..{Outside}/made");
        File.CreateSymbolicLink($"{container.Rootfs}/etc/absolute", $"{Outside}/made");
        _ = container.Run(); // as above
        AssertUntouched();
    }

    [Fact]
    public void A_link_that_comes_and_goes_meanwhile_leads_nothing_outside()
    {
        // A volume that two containers share: the first changes a folder and a link while the second is put together.
        string volume = Directory.CreateDirectory($"{Scratch}/volume").FullName;
        Directory.CreateDirectory($"{volume}/place");
        File.CreateSymbolicLink($"{volume}/other", $"../../../../../../../../../..{Outside}");
        using CancellationTokenSource end = new();
        Thread swapping = new(() => Swap(volume, end.Token));
        swapping.Start();
        try
        {
            for (int i = 0; i < 25; i++)
            {
                TestContainer container = Container().Args("/bin/true").Mount("/volume", "bind", volume, "bind", "rw");
                for (int mount = 0; mount < 8; mount++)
                    container.Mount($"/volume/place/new{mount}", "tmpfs", "tmpfs");
                _ = container.Run(); // as above
            }
        }
        finally
        {
            end.Cancel();
            swapping.Join();
        }
        AssertUntouched();
    }

    [Fact]
    public void A_device_of_the_spec_is_not_made_outside()
    {
        TestContainer container = Container().Script("true");
        File.CreateSymbolicLink($"{container.Rootfs}/climbs", $"../../../../../../../../../..{Outside}");
        container.LinuxPart["devices"] = new JsonArray(new JsonObject { ["path"] = "/climbs/node", ["type"] = "c", ["major"] = 1, ["minor"] = 5 });
        _ = container.Run(); // as above
        AssertUntouched();
    }

    private static void Swap(string volume, CancellationToken end)
    {
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, volume, O.RDONLY | O.DIRECTORY);
        while (!end.IsCancellationRequested)
            LinuxException.ThrowIfError(Sys.renameat2(folder.Value, "place", folder.Value, "other", RENAME.EXCHANGE), "exchange", volume);
    }

    private void AssertUntouched()
    {
        Assert.Empty(Directory.GetFileSystemEntries(Outside));
        Assert.DoesNotContain(MountInfo.Read(), mount => mount.Point.StartsWith(Outside, StringComparison.Ordinal));
    }
}
