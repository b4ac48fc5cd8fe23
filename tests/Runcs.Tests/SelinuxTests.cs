using System.Text;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// Labels where the kernel runs SELinux with a policy that knows them: <c>VM_KERNEL='security=selinux selinux=1' ./dev vm</c>. The
/// lane of <c>./dev vm itest selinux</c> adds the types of <c>eng/vm-selinux.cil</c> and enforces the policy.
/// </summary>
[SpecRow("process.selinuxLabel")]
public sealed class SelinuxTests : ContainerTest
{
    private const string Label = "system_u:system_r:unconfined_t:s0", Other = "unconfined_u:unconfined_r:unconfined_t:s0";
    private const string Confined = "system_u:system_r:rundlet_test_t:s0:c1,c2", ConfinedToo = "system_u:system_r:rundlet_other_t:s0:c3,c4";
    private const string OwnFile = "system_u:object_r:rundlet_test_file_t:s0:c1,c2", SecretFile = "system_u:object_r:rundlet_secret_file_t:s0";

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
        Chcon("-R", "system_u:object_r:bin_t:s0", $"{container.Rootfs}/bin"); // by which Debian's policy lets the domain be entered
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_policy_denies_the_container_and_exec_what_their_label_may_not_do(bool noNewPrivileges)
    {
        RequireEnforcement();
        TestContainer container = Labelled();
        container.Process["noNewPrivileges"] = noNewPrivileges;
        const string Try = "cat /secret; cat /open; cat /others; tr -d '\\0' </proc/self/attr/current; echo";
        container.Script($"{{ {Try}; }} 2>&1; sleep 1000").Up();
        container.AwaitText(container.OutputFile, "_t:");
        string[] denied = ["cat: can't open '/secret': Permission denied", "visible", "cat: can't open '/others': Permission denied", Confined];
        Assert.Equal(denied, container.ContainerOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(denied, container.Exec("sh", "-c", $"{{ {Try}; }} 2>&1").Lines);
        if (!noNewPrivileges)
        {
            // Another domain with other categories: what was its own is now the others'.
            Assert.Equal([denied[0], "cat: can't open '/open': Permission denied", "theirs", ConfinedToo],
                container.Runtime("exec", "--process-label", ConfinedToo, container.Id, "sh", "-c", $"{{ {Try}; }} 2>&1").Lines);
        }
    }

    [Fact]
    public void Without_a_label_the_policy_denies_the_same_container_nothing()
    {
        RequireEnforcement();
        TestContainer container = Labelled().Script("cat /secret; cat /open; cat /others");
        container.Process.Remove("selinuxLabel");
        Assert.Equal(["hidden", "visible", "theirs"], container.Output().Split('\n'));
    }

    [Fact]
    public void A_domain_that_may_not_be_entered_through_the_program_is_a_refusal_with_the_label()
    {
        RequireEnforcement();
        TestContainer container = Labelled().Script("echo never");
        Chcon(SecretFile, $"{container.Rootfs}/bin/busybox");
        Assert.Contains(RuntimeProgram.IsOurs ? Confined : "", container.Run().Refused(1, "permission denied").Error, StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("linux.mountLabel")]
    public void The_mount_label_is_on_new_file_systems_and_lets_the_container_use_them()
    {
        RequireEnforcement();
        TestContainer container = Labelled();
        container.Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666").Mount("/dev/shm", "tmpfs", "shm").Mount("/dev/mqueue", "mqueue", "mqueue").Mount("/data", "tmpfs", "tmpfs", "mode=700");
        container.LinuxPart["mountLabel"] = OwnFile;
        container.Script("echo x > /data/made && echo y > /dev/shm/made && cat /data/made /dev/shm/made; sleep 1000").Up();
        container.AwaitText(container.OutputFile, "y\n");
        string root = $"/proc/{container.Pid()}/root";
        foreach (string path in (string[])["/dev", "/dev/null", "/dev/pts", "/dev/shm", "/dev/shm/made", "/dev/mqueue", "/data", "/data/made"])
            Assert.Equal($"{path} {OwnFile}", $"{path} {LabelOf(root + path)}");
        Assert.Equal("system_u:object_r:proc_t:s0", LabelOf($"{root}/proc"));
        Assert.Equal("x\n", container.Exec("cat", "/data/made").Good().Output);
        if (!RuntimeProgram.IsOurs)
            return;
        File.WriteAllText($"{Scratch}/more.json", """[{"destination":"/later","type":"tmpfs","source":"tmpfs"}]""");
        container.Runtime("mounts", "add", container.Id, $"{Scratch}/more.json").Good();
        container.Exec("touch", "/later/made").Good();
        Assert.Equal(OwnFile, LabelOf($"{root}/later/made"));
    }

    [Fact]
    [SpecRow("linux.mountLabel")]
    public void Without_the_mount_label_the_policy_denies_new_file_systems()
    {
        RequireEnforcement();
        TestContainer container = Labelled().Mount("/data", "tmpfs", "tmpfs", "mode=777").Script("ls /data; echo x > /data/made; sleep 1000").Up();
        container.AwaitText(container.ErrorFile, "/data/made");
        Assert.Equal(2, File.ReadAllText(container.ErrorFile).Split("Permission denied").Length - 1);
        Assert.StartsWith("system_u:object_r:tmpfs_t:", LabelOf($"/proc/{container.Pid()}/root/data"), StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("linux.mountLabel")]
    public void A_mount_label_that_the_policy_does_not_know_is_named()
    {
        RequirePolicy();
        TestContainer container = Container().Script("echo never");
        container.LinuxPart["mountLabel"] = "system_u:object_r:no_such_t:s0";
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

    // Its files are its own, but for two.
    private TestContainer Labelled()
    {
        TestContainer container = Container();
        File.WriteAllText($"{container.Rootfs}/open", "visible\n");
        File.WriteAllText($"{container.Rootfs}/secret", "hidden\n");
        File.WriteAllText($"{container.Rootfs}/others", "theirs\n");
        Chcon("-R", OwnFile, container.Rootfs);
        Chcon(SecretFile, $"{container.Rootfs}/secret");
        Chcon("system_u:object_r:rundlet_test_file_t:s0:c3,c4", $"{container.Rootfs}/others");
        Chcon("-R", "system_u:object_r:rundlet_test_file_t:s0", $"{container.Rootfs}/bin");
        Chcon("system_u:object_r:rundlet_test_file_t:s0", container.Rootfs);
        container.Process["selinuxLabel"] = Confined;
        return container;
    }

    private void Chcon(params string[] words)
    {
        using BoundedProcess chcon = BoundedProcess.Start($"{Scratch}/chcon", ["chcon", "--no-dereference", .. words]);
        chcon.Wait().Good();
    }

    private string LabelOf(string path)
    {
        using BoundedProcess stat = BoundedProcess.Start($"{Scratch}/stat", ["stat", "--format", "%C", path]);
        return stat.Wait().Good().Output.Trim();
    }

    private static bool HasSelinux => File.ReadAllText("/proc/filesystems").Contains("selinuxfs", StringComparison.Ordinal);

    private static void RequirePolicy()
    {
        if (!HasSelinux)
            Assert.Skip("this kernel does not run SELinux: VM_KERNEL='security=selinux selinux=1' ./dev vm does");
        if (File.ReadAllText("/proc/self/attr/current").TrimEnd('\0', '\n') is "kernel" or "")
            Assert.Skip("no SELinux policy is loaded: needs the Debian package selinux-policy-default");
    }

    private static void RequireEnforcement()
    {
        RequirePolicy();
        if (File.ReadAllText("/sys/fs/selinux/enforce") != "1")
            Assert.Skip("the SELinux policy is not enforced: ./dev vm itest selinux does");
        try
        {
            using FileStream check = new("/sys/fs/selinux/context", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            check.Write(Encoding.ASCII.GetBytes(Confined));
        }
        catch (IOException)
        {
            Assert.Skip("the SELinux policy does not know the types of eng/vm-selinux.cil: ./dev vm itest selinux adds them");
        }
    }
}
