namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// The process that enters a container can be looked into, or traced, by the container before it has given its rights up
/// (CVE-2016-9962, LXC CVE-2016-8649).
/// </summary>
public sealed class HostileExecTests : ContainerTest, IDisposable
{
    private readonly HeldProgram _held = new();

    public new void Dispose()
    {
        _held.Release();
        try
        {
            base.Dispose(); // the container lets go of the mount
        }
        finally
        {
            _held.Dispose();
        }
    }

    [Fact]
    public void A_newcomer_that_is_held_up_half_way_shows_the_container_nothing()
    {
        // Root in the container as the newcomer is, and no right to trace: what is readable is readable to any process in there.
        // What the shell's own helpers show is the container's anyway.
        TestContainer container = Container().Mount("/held", "none", _held.MountPoint, "bind")
            .Script("while :; do for f in /proc/[0-9]*/fd/[0-9]* /proc/[0-9]*/root /proc/[0-9]*/cwd /proc/[0-9]*/exe; do l=$(readlink $f) && case $l in "
            + "/|/bin/busybox|/dev/null|pipe:*|/proc*|*.out|*.err|/tmp/*) ;; *) echo \"$f $l\" >> /tmp/seen;; esac; done; echo x >> /tmp/rounds; done 2>/dev/null");
        container.Up();
        string rounds = $"{container.Rootfs}/tmp/rounds";
        container.AwaitText(rounds, "x");
        using BoundedProcess exec = container.Begin("", "exec", container.Id, "/held/program");
        // In all namespaces, with the ids and capabilities that the program will have: only execve is missing.
        _held.AwaitExecution();
        container.AwaitText(rounds, File.ReadAllText(rounds) + "x\nx\n"); // the second of them began after that
        _held.Release();
        exec.Wait().Good();
        string seen = File.Exists($"{container.Rootfs}/tmp/seen") ? File.ReadAllText($"{container.Rootfs}/tmp/seen") : "";
        Assert.Equal("", seen);
    }
}
