using System.Text.Json.Nodes;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>A child that begins before its plan is there and works in the runtime's memory: docs/adr/0004.</summary>
public sealed class SharedMemoryTests : ContainerTest
{
    private const string Strace = "/usr/bin/strace";

    [Fact]
    public void Collections_of_the_runtime_do_not_disturb_a_child_in_its_memory()
    {
        const int Rounds = 10;
        TestContainer container = Container().Script("echo $V19999");
        JsonArray variables = container.Process["env"]!.AsArray();
        for (int i = 0; i < 20000; i++)
            variables.Add($"V{i}=value of variable {i}");
        JsonArray masked = (container.LinuxPart["maskedPaths"] ??= new JsonArray()).AsArray();
        for (int i = 0; i < 2000; i++)
            masked.Add($"/none/{i}");
        for (int round = 0; round < Rounds; round++)
            Assert.Equal("value of variable 19999", container.Output());
    }

    [Fact]
    public void A_child_whose_parent_was_killed_before_it_had_a_plan_ends()
    {
        RuntimeProgram.SkipUnlessOurs();
        if (!File.Exists(Strace))
            Assert.Skip("needs the Debian package strace");
        TestContainer container = Container().Script("exec sleep 1000");
        container.Save();
        // capget is among what the parent asks while it plans.
        using BoundedProcess create = BoundedProcess.Start($"{Scratch}/create",
            [Strace, "-o", "/dev/null", "-e", "trace=capget", "-e", "inject=capget:delay_enter=20000000", RuntimeProgram.Path, "--root", container.StateRoot, "create", "-b", container.Bundle, container.Id]);
        int runtime = ChildOf(create.Pid, "runcs");
        int child = ChildOf(runtime, "runcs");
        Assert.Equal(0, Sys.kill(runtime, SIG.KILL));
        create.Kill(); // or the runtime's end waits for strace
        AwaitEnd(child);
        create.Wait();
        container.Runtime("delete", "--force", container.Id).Good();
    }

    [Fact]
    public void The_memory_of_a_newcomer_cannot_be_opened_from_the_container()
    {
        if (!File.Exists(Strace))
            Assert.Skip("needs the Debian package strace");
        // Looked at again once the memory is open: a process that has executed the program meanwhile is the container's own.
        TestContainer container = Container().Script("while :; do for d in /proc/[0-9]*; do read c < $d/comm; [ \"$c\" = runcs ] && { echo x >> /tmp/met; ( exec 3<>$d/mem; read c < $d/comm; [ \"$c\" = runcs ] && echo x >> /tmp/opened ); }; done; done 2>/dev/null");
        container.Capabilities("CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_KILL", "CAP_SETUID", "CAP_SETGID", "CAP_NET_ADMIN");
        container.Up();
        using BoundedProcess exec = BoundedProcess.Start($"{Scratch}/exec",
            [Strace, "-f", "-o", "/dev/null", "-e", "trace=setgroups,setresgid,capset", "-e", "inject=setgroups,setresgid,capset:delay_enter=300000", RuntimeProgram.Path, "--root", container.StateRoot, "exec", container.Id, "/bin/true"]);
        exec.Wait().Good();
        Assert.True(File.Exists($"{container.Rootfs}/tmp/met"), "the newcomer was not seen at all");
        Assert.False(File.Exists($"{container.Rootfs}/tmp/opened"));
    }

    private static int ChildOf(int pid, string name)
    {
        int child = 0;
        Assert.True(SpinWait.SpinUntil(() => (child = Find(pid, name)) != 0, BoundedProcess.Patience), $"process {pid} has no child {name}");
        return child;
    }

    private static int Find(int pid, string name)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).FirstOrDefault(child => File.ReadAllText($"/proc/{child}/comm").Trim() == name);
        }
        catch (IOException)
        {
            return 0; // one of them has ended meanwhile
        }
    }

    // As an orphan it is adopted by this process, which has not collected it.
    private static void AwaitEnd(int pid) =>
        Assert.True(SpinWait.SpinUntil(() => ProcStat.TryRead(pid) is not { } stat || stat.State is 'Z' or 'X', TimeSpan.FromSeconds(10)), $"process {pid} is still there");
}
