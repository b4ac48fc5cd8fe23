using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>What the runtime writes to procfs goes to a file of the container's choice (CVE-2025-52881, CVE-2019-16884, CVE-2025-62596).</summary>
public sealed class ProcfsWriteTests : ContainerTest
{
    [Fact]
    public void A_sysctl_is_never_written_to_a_file_that_was_mounted_in_its_place()
    {
        string planted = Directory.CreateDirectory($"{Scratch}/planted").FullName;
        File.WriteAllText($"{planted}/ip_forward", "canary");
        TestContainer container = Container().Script("cat /proc/sys/net/ipv4/ip_forward").Mount("/proc/sys/net/ipv4", "bind", planted, "bind", "rw");
        container.LinuxPart["sysctl"] = new JsonObject { ["net.ipv4.ip_forward"] = "1" };
        _ = container.Run(); // it may refuse the mount
        Assert.Equal("canary", File.ReadAllText($"{planted}/ip_forward"));
    }

    [Fact]
    public void A_sysctl_is_never_written_into_a_folder_that_takes_the_place_of_proc()
    {
        string planted = Directory.CreateDirectory($"{Scratch}/planted/sys/net/ipv4").FullName;
        File.WriteAllText($"{planted}/ip_forward", "canary");
        TestContainer container = Container().Script("true");
        container.Mounts.RemoveAt(0);
        container.Mount("/proc", "bind", $"{Scratch}/planted", "bind", "rw");
        container.LinuxPart["sysctl"] = new JsonObject { ["net.ipv4.ip_forward"] = "1" };
        _ = container.Run(); // as above
        Assert.Equal("canary", File.ReadAllText($"{planted}/ip_forward"));
    }

    [Fact]
    public void A_label_is_never_written_into_a_folder_that_takes_the_place_of_proc()
    {
        foreach (string folder in new[] { "self/attr/apparmor", "thread-self/attr/apparmor", "self/task/1/attr" })
        {
            Directory.CreateDirectory($"{Scratch}/planted/{folder}");
            File.WriteAllText($"{Scratch}/planted/{folder}/exec", "canary");
            File.WriteAllText($"{Scratch}/planted/{Path.GetDirectoryName(folder)}/exec", "canary");
        }
        TestContainer container = Container().Script("echo ran");
        container.Mounts.RemoveAt(0);
        container.Mount("/proc", "bind", $"{Scratch}/planted", "bind", "rw");
        container.Process["apparmorProfile"] = "rundlet-no-such-profile";
        container.Run();
        Assert.All(Directory.GetFiles($"{Scratch}/planted", "exec", SearchOption.AllDirectories), file => Assert.Equal("canary", File.ReadAllText(file)));
    }
}
