using System.Text.Json.Nodes;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

[SpecRow("linux.seccomp.actions.notify", "linux.seccomp.listenerPath")]
public sealed class SeccompNotifyTests : ContainerTest
{
    private const int Mkdir = 83, Mkdirat = 258, EXDEV = 18;

    [Theory]
    [SpecRow("linux.seccomp.listenerMetadata")]
    [InlineData(true)]
    [InlineData(false)]
    public void The_listener_decides_about_the_calls_of_create_and_of_exec(bool noNewPrivileges)
    {
        RequireX64();
        using SeccompAgent agent = new($"{Scratch}/agent", number => number is Mkdir or Mkdirat ? EXDEV : null);
        TestContainer container = Container().Script("mkdir /tmp/x 2>&1; ls /tmp; sleep 1000");
        container.Process["noNewPrivileges"] = noNewPrivileges;
        container.Spec["annotations"] = new JsonObject { ["org.test"] = "kept" };
        Notify(container, agent.Path, "mkdir", "mkdirat");
        container.Create().Good();
        int pid = container.Pid();
        agent.AwaitTold(1);
        JsonObject told = Assert.Single(agent.Told);
        Assert.Equal(["seccompFd"], told["fds"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(pid, (int)told["pid"]!);
        Assert.Equal("opaque; data", (string)told["metadata"]!);
        Assert.NotEqual("", (string)told["ociVersion"]!);
        JsonObject state = told["state"]!.AsObject();
        Assert.Equal((container.Id, "creating", pid, container.Bundle), ((string)state["id"]!, (string)state["status"]!, (int)state["pid"]!, (string)state["bundle"]!));
        Assert.Equal("kept", (string)state["annotations"]!["org.test"]!);

        container.Start().Good();
        container.AwaitText(container.OutputFile, "ross-device");
        RuntimeProgram.SkipUnlessOurs("runc waits for ever for an exec whose children nobody has collected");
        Assert.Equal(["cross-device"], container.Exec("sh", "-c", "mkdir /tmp/y 2>&1 | grep -io cross-device | tr C c").Lines);
        agent.AwaitTold(2);
        Assert.Equal(2, agent.Told.Count);
        Assert.Equal("running", (string)agent.Told[1]["state"]!["status"]!);
        Assert.Equal(pid, (int)agent.Told[1]["state"]!["pid"]!);
        Assert.NotEqual(pid, (int)agent.Told[1]["pid"]!);
    }

    [Theory]
    [SpecRow("linux.seccomp.flags")]
    [InlineData("SECCOMP_FILTER_FLAG_LOG")]
    [InlineData("SECCOMP_FILTER_FLAG_TSYNC")]
    [InlineData("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")]
    public void Even_what_the_runtime_itself_still_calls_may_be_notified(string flag)
    {
        RequireX64();
        RuntimeProgram.SkipUnlessOurs("runc 1.1.5 knows no flags");
        using SeccompAgent agent = new($"{Scratch}/agent", _ => null);
        TestContainer container = Container().Script("echo through");
        container.Process["noNewPrivileges"] = true;
        Notify(container, agent.Path, "execve", "read", "close", "openat");
        container.LinuxPart["seccomp"]!["flags"] = TestContainer.Texts(flag);
        Assert.Equal("through", container.Output());
        Assert.Contains(59, agent.Calls);
    }

    [Fact]
    public void Without_a_listener_nothing_is_made()
    {
        TestContainer container = Container().Script("echo never");
        Notify(container, $"{Scratch}/nobody", "mkdir");
        container.Run().Refused(1, $"{Scratch}/nobody");
        Assert.False(Directory.Exists($"{container.StateRoot}/{container.Id}"));
    }

    [Fact]
    public void Exec_fails_without_a_listener_and_the_container_goes_on()
    {
        TestContainer container = Container().Args("sleep", "1000");
        using (SeccompAgent agent = new($"{Scratch}/agent", _ => null))
        {
            Notify(container, agent.Path, "mkdir");
            container.Up();
        }
        container.Exec("true").Refused(RuntimeProgram.IsOurs ? 255 : 1, $"{Scratch}/agent");
        Assert.Equal("running", container.Status());
    }

    [Fact]
    public void Calls_fail_with_ENOSYS_once_the_listener_has_hung_up()
    {
        RequireX64();
        RuntimeProgram.SkipUnlessOurs("runc 1.1.5 waits for ever: it keeps a copy of the fd");
        using SeccompAgent agent = new($"{Scratch}/agent", _ => null, hangsUp: true);
        TestContainer container = Container().Script("mkdir /tmp/x 2>&1 | grep -o 'not implemented'");
        Notify(container, agent.Path, "mkdir", "mkdirat");
        Assert.Equal("not implemented", container.Output());
    }

    [Theory]
    [InlineData("write")]
    [InlineData("sendmsg")]
    public void What_hands_the_listener_over_cannot_be_notified(string name)
    {
        RuntimeProgram.SkipUnlessOurs();
        using SeccompAgent agent = new($"{Scratch}/agent", _ => null);
        TestContainer container = Container();
        Notify(container, agent.Path, name);
        container.Run().Refused(1, name);
        container.LinuxPart["seccomp"]!["syscalls"]![0]!["names"] = TestContainer.Texts("mkdir");
        container.LinuxPart["seccomp"]!["syscalls"]!.AsArray().Add(new JsonObject { ["names"] = TestContainer.Texts(name), ["action"] = "SCMP_ACT_ERRNO" });
        container.Run().Refused(1, name);
        Assert.Empty(agent.Told);
    }

    [Fact]
    public void Notifying_needs_a_path_and_metadata_needs_one_too()
    {
        TestContainer container = Container();
        Notify(container, "", "mkdir");
        container.LinuxPart["seccomp"]!.AsObject().Remove("listenerMetadata");
        container.Run().Refused(1, "listener");
        container.LinuxPart["seccomp"] = new JsonObject { ["defaultAction"] = "SCMP_ACT_ALLOW", ["listenerMetadata"] = "lonely" };
        if (RuntimeProgram.IsOurs)
            container.Run().Refused(1, "listenerMetadata needs a listenerPath");
    }

    [Fact]
    public void A_path_without_a_rule_that_notifies_is_not_looked_at()
    {
        TestContainer container = Container().Script("echo fine");
        container.LinuxPart["seccomp"] = new JsonObject { ["defaultAction"] = "SCMP_ACT_ALLOW", ["listenerPath"] = "/nowhere", ["flags"] = TestContainer.Texts() };
        Assert.Equal("fine", container.Output());
    }

    private static void Notify(TestContainer container, string path, params string[] names) => container.LinuxPart["seccomp"] = new JsonObject
    {
        ["defaultAction"] = "SCMP_ACT_ALLOW",
        ["listenerPath"] = path,
        ["listenerMetadata"] = "opaque; data",
        ["syscalls"] = new JsonArray(new JsonObject { ["names"] = TestContainer.Texts(names), ["action"] = "SCMP_ACT_NOTIFY" }),
    };

    private static void RequireX64()
    {
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            Assert.Skip("numbers of x86_64");
    }
}
