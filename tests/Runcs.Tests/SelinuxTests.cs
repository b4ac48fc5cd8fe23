namespace Rundlet.Runcs.Tests;

/// <summary>Labels where the kernel runs SELinux with a policy that knows them: <c>VM_KERNEL='security=selinux selinux=1' ./dev vm</c>.</summary>
[SpecRow("process.selinuxLabel")]
public sealed class SelinuxTests : ContainerTest
{
    private const string Label = "system_u:system_r:unconfined_t:s0", Other = "unconfined_u:unconfined_r:unconfined_t:s0";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_program_its_keyring_and_exec_have_the_label(bool noNewPrivileges)
    {
        RequirePolicy();
        TestContainer container = Container();
        KeyringProbe.Install(container);
        container.Process["selinuxLabel"] = Label;
        container.Process["noNewPrivileges"] = noNewPrivileges;
        container.Script("tr -d '\\0' </proc/self/attr/current; echo; keyring; sleep 1000").Up();
        container.AwaitText(container.OutputFile, "_ses.");
        string[] lines = container.ContainerOutput.Split('\n');
        Assert.Equal(Label, lines[0]);
        Assert.Equal(Label, lines[1].Split(' ')[2]);
        Assert.Equal(Label, container.Exec("sh", "-c", "tr -d '\\0' </proc/self/attr/current").Good().Output);
        if (!noNewPrivileges)
            Assert.Equal(Other, container.Runtime("exec", "--process-label", Other, container.Id, "sh", "-c", "tr -d '\\0' </proc/self/attr/current").Good().Output);
    }

    [Fact]
    public void A_label_that_the_policy_does_not_know_is_named()
    {
        RequirePolicy();
        TestContainer container = Container().Script("echo never");
        container.Process["selinuxLabel"] = "system_u:system_r:no_such_t:s0";
        container.Run().Refused(1, "no_such_t");
        Assert.False(Directory.Exists($"{container.StateRoot}/{container.Id}"));
    }

    [Fact]
    public void Where_the_kernel_does_not_run_it_a_label_is_refused()
    {
        if (HasSelinux)
            Assert.Skip("this kernel runs SELinux");
        TestContainer container = Container().Args("sleep", "1000");
        container.Process["selinuxLabel"] = Label;
        container.Run().Refused(1, RuntimeProgram.IsOurs ? $"process.selinuxLabel '{Label}': SELinux is not enabled on this host" : "selinux");
        container.Process.Remove("selinuxLabel");
        container.Up();
        if (RuntimeProgram.IsOurs)
            container.Runtime("exec", "--process-label", Label, container.Id, "true").Refused(255, "SELinux is not enabled on this host");
    }

    private static bool HasSelinux => File.ReadAllText("/proc/filesystems").Contains("selinuxfs", StringComparison.Ordinal);

    private static void RequirePolicy()
    {
        if (!HasSelinux)
            Assert.Skip("this kernel does not run SELinux: VM_KERNEL='security=selinux selinux=1' ./dev vm does");
        if (File.ReadAllText("/proc/self/attr/current").TrimEnd('\0', '\n') is "kernel" or "")
            Assert.Skip("no SELinux policy is loaded: needs the Debian package selinux-policy-default");
    }
}
