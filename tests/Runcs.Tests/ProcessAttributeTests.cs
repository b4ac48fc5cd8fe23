using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>HOME, personality, memory policy, oom score, groups and umask: what the kernel and the environment say of a process.</summary>
public sealed class ProcessAttributeTests : ContainerTest
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/sh\n# a comment\nbroken:x\nalice:x:1000:1000:Alice,,,:/home/alice:/bin/sh\nbob:x:01001:1001::/home/bob:/bin/sh\nnowhere:x:7:7:::\n";

    [Theory]
    [InlineData(0, "/root")]
    [InlineData(1000, "/home/alice")]
    [InlineData(1001, "/home/bob")]
    [InlineData(1002, "/")]
    [InlineData(7, "/")]
    public void HOME_comes_from_the_containers_passwd(int uid, string home)
    {
        TestContainer container = Container().Script("echo \"$HOME\"");
        File.WriteAllText($"{container.Rootfs}/etc/passwd", Passwd);
        container.Process["user"] = new JsonObject { ["uid"] = uid, ["gid"] = uid };
        if (!RuntimeProgram.IsOurs && home == "/")
            RuntimeProgram.SkipUnlessOurs("runc and crun disagree where passwd says nothing");
        Assert.Equal(home, container.Output());
    }

    [Fact]
    public void HOME_of_the_environment_stands_and_an_empty_one_does_not()
    {
        TestContainer container = Container().Script("echo \"$HOME\"; env | grep -c ^HOME");
        File.WriteAllText($"{container.Rootfs}/etc/passwd", Passwd);
        container.Process["env"] = TestContainer.Texts("PATH=/bin", "HOME=/elsewhere");
        Assert.Equal("/elsewhere\n1", container.Output());
        RuntimeProgram.SkipUnlessOurs("crun keeps an empty HOME");
        container.Process["env"] = TestContainer.Texts("PATH=/bin", "HOME=", "LAST=1");
        Assert.Equal("/root\n1", container.Output());
    }

    [Fact]
    public void HOME_comes_from_a_passwd_that_is_mounted_over_the_images()
    {
        TestContainer container = Container().Script("echo \"$HOME\"");
        File.WriteAllText($"{container.Rootfs}/etc/passwd", Passwd);
        File.WriteAllText($"{Scratch}/passwd", "root:x:0:0:root:/mounted:/bin/sh");
        container.Mount("/etc/passwd", "bind", $"{Scratch}/passwd", "bind", "ro");
        Assert.Equal("/mounted", container.Output());
    }

    [Fact]
    public void HOME_of_an_executed_process_is_that_of_its_user()
    {
        TestContainer container = Container().Script("sleep 1000");
        File.WriteAllText($"{container.Rootfs}/etc/passwd", Passwd);
        container.Up();
        Assert.Equal("/home/alice", container.Runtime("exec", "--user", "1000:1000", container.Id, "/bin/sh", "-c", "echo $HOME").Good().Output.Trim());
    }

    // A pipe would block for ever, a device has effects, and both are the container's to make.
    [Theory]
    [InlineData("mkfifo")]
    [InlineData("/dev/zero")]
    [InlineData("/proc/self/fd/0")]
    [InlineData("huge")]
    [InlineData("long")]
    [InlineData("folder")]
    public void A_hostile_passwd_costs_nothing_but_the_right_HOME(string kind)
    {
        RuntimeProgram.SkipUnlessOurs("runc and crun may wait for ever");
        TestContainer container = Container().Script("echo \"$HOME\"");
        string passwd = $"{container.Rootfs}/etc/passwd";
        switch (kind)
        {
            case "mkfifo":
                using (BoundedProcess made = BoundedProcess.Start($"{Scratch}/mkfifo", ["mkfifo", passwd]))
                    made.Wait().Good();
                break;
            case "huge":
                using (FileStream file = File.Create(passwd))
                    file.SetLength(1L << 40);
                break;
            case "long":
                File.WriteAllText(passwd, $"root:x:0:0:root:/{new string('x', 5000)}:/bin/sh\n");
                break;
            case "folder":
                Directory.CreateDirectory(passwd);
                break;
            default:
                File.CreateSymbolicLink(passwd, kind);
                break;
        }
        Assert.Equal("/", container.Output());
    }

    [Fact]
    [SpecRow("linux.personality.domain")]
    public void The_personality_is_that_of_a_32_bit_machine_also_for_exec()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 knows no personality");
        TestContainer container = Container().Script("busybox uname -m; sleep 1000");
        container.LinuxPart["personality"] = new JsonObject { ["domain"] = "LINUX32" };
        container.Up();
        container.AwaitText(container.OutputFile, "\n");
        Assert.DoesNotContain("64", container.ContainerOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("64", container.Exec("busybox", "uname", "-m").Good().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MPOL_BIND", "0", null, "bind:0")]
    [InlineData("MPOL_BIND", "0", "MPOL_F_STATIC_NODES", "bind=static:0")]
    [InlineData("MPOL_INTERLEAVE", "0", "MPOL_F_RELATIVE_NODES", "interleave=relative:0")]
    [InlineData("MPOL_PREFERRED", "0", null, "prefer:0")]
    [InlineData("MPOL_PREFERRED", null, null, "local")]
    [InlineData("MPOL_PREFERRED_MANY", "0", null, "prefer (many):0")]
    [InlineData("MPOL_LOCAL", null, null, "local")]
    [InlineData("MPOL_DEFAULT", null, null, "default")]
    [SpecRow("linux.memoryPolicy.mode", "linux.memoryPolicy.nodes", "linux.memoryPolicy.flags")]
    public void The_memory_policy_is_set_also_for_exec(string mode, string? nodes, string? flag, string wanted)
    {
        RuntimeProgram.SkipUnlessOurs("no runtime before 2025 knows memoryPolicy");
        if (!File.Exists("/proc/self/numa_maps"))
            Assert.Skip("the kernel has no NUMA");
        TestContainer container = Container().Script("head -1 /proc/self/numa_maps; sleep 1000");
        JsonObject policy = new() { ["mode"] = mode, ["nodes"] = nodes };
        if (flag is not null)
            policy["flags"] = TestContainer.Texts(flag);
        container.LinuxPart["memoryPolicy"] = policy;
        container.Up();
        container.AwaitText(container.OutputFile, "\n");
        Assert.Contains($" {wanted} ", container.ContainerOutput, StringComparison.Ordinal);
        Assert.Contains($" {wanted} ", container.Exec("head", "-1", "/proc/self/numa_maps").Good().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_the_machine_does_not_have_is_refused()
    {
        RuntimeProgram.SkipUnlessOurs("no runtime before 2025 knows memoryPolicy");
        if (!File.Exists("/proc/self/numa_maps"))
            Assert.Skip("the kernel has no NUMA");
        TestContainer container = Container();
        container.LinuxPart["memoryPolicy"] = new JsonObject { ["mode"] = "MPOL_BIND", ["nodes"] = "777" };
        container.Run().Refused(1, "MPOL_BIND");
    }
}
