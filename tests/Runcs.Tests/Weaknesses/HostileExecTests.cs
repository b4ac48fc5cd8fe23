namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// The process that enters a container can be looked into, or traced, by the container before it has given its rights up
/// (CVE-2016-9962, LXC CVE-2016-8649).
/// </summary>
public sealed class HostileExecTests : ContainerTest
{
    private const string Strace = "/usr/bin/strace";

    [Fact]
    public void A_newcomer_that_is_held_up_half_way_shows_the_container_nothing()
    {
        if (!File.Exists(Strace))
            Assert.Skip("needs the Debian package strace");
        // Root in the container as the newcomer is, and no right to trace: what is readable is readable to any process in there.
        // What the shell's own helpers show is the container's anyway.
        TestContainer container = Container().Script("while :; do for f in /proc/[0-9]*/fd/[0-9]* /proc/[0-9]*/root /proc/[0-9]*/cwd /proc/[0-9]*/exe; do l=$(readlink $f) && case $l in "
            + "/|/bin/busybox|/dev/null|pipe:*|/proc*|*.out|*.err|/tmp/*) ;; *) echo \"$f $l\" >> /tmp/seen;; esac; done; echo x >> /tmp/rounds; done 2>/dev/null");
        container.Up();
        container.AwaitText($"{container.Rootfs}/tmp/rounds", "x");
        // Half a second in the new namespaces, before the ids and capabilities of the process are set.
        using BoundedProcess exec = BoundedProcess.Start($"{Scratch}/exec",
            [Strace, "-f", "-o", "/dev/null", "-e", "trace=setgroups,setresgid,capset", "-e", "inject=setgroups,setresgid,capset:delay_enter=300000", RuntimeProgram.Path, "--root", container.StateRoot, "exec", container.Id, "/bin/true"]);
        exec.Wait().Good();
        string seen = File.Exists($"{container.Rootfs}/tmp/seen") ? File.ReadAllText($"{container.Rootfs}/tmp/seen") : "";
        Assert.Equal("", seen);
    }
}
