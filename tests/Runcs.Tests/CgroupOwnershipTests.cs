using System.Text.Json.Nodes;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>Who owns a container's cgroup: config-linux.md, "Cgroup ownership".</summary>
[SpecRow("linux.cgroups.ownership")]
public sealed class CgroupOwnershipTests : ContainerTest
{
    private const uint Base = 100_000;

    public CgroupOwnershipTests()
    {
        if (CgroupMounts.Points.Count() != 1 || CgroupMounts.Unified.Length == 0)
            Assert.Skip("needs cgroup v2 alone");
    }

    [Fact]
    public void With_a_namespace_and_a_writable_mount_it_is_the_containers_users_and_the_limits_are_not()
    {
        TestContainer container = Mapped("rw").Script("mkdir /sys/fs/cgroup/sub && echo $$ > /sys/fs/cgroup/sub/cgroup.procs && cat /proc/self/cgroup; sleep 1000");
        container.Up();
        container.AwaitText(container.OutputFile, "/sub");
        string folder = CgroupOf(container, "/sub");
        Assert.Equal(Base, OwnerOf(folder));
        foreach (string file in (string[])["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"])
            Assert.Equal(Base, OwnerOf($"{folder}/{file}"));
        foreach (string file in (string[])["memory.max", "pids.max", "cgroup.max.depth"])
            Assert.Equal(0u, OwnerOf($"{folder}/{file}"));
    }

    [Theory]
    [InlineData("ro", true)]
    [InlineData("rw", false)]
    public void Without_a_writable_mount_or_a_namespace_it_stays_the_hosts(string access, bool withNamespace)
    {
        TestContainer container = Mapped(access).Script("sleep 1000");
        if (!withNamespace)
            container.RemoveNamespace("cgroup");
        container.Up();
        Assert.Equal(0u, OwnerOf(CgroupOf(container, "")));
    }

    private TestContainer Mapped(string access)
    {
        TestContainer container = Container().Namespace("user");
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        foreach (JsonNode? mount in container.Mounts.Where(mount => (string?)mount!["destination"] == "/sys/fs/cgroup").ToList())
            container.Mounts.Remove(mount);
        return container.Mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", access);
    }

    private static string CgroupOf(TestContainer container, string beneath)
    {
        string path = File.ReadAllText($"/proc/{container.Pid()}/cgroup").Trim()["0::".Length..];
        return CgroupMounts.Unified + path[..^beneath.Length];
    }

    private static uint OwnerOf(string path)
    {
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, 0, STATX.UID, out statx_t file), "statx", path);
        return file.stx_uid;
    }
}
