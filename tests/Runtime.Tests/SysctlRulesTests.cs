using Rundlet.Linux;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Tests;

public sealed class SysctlRulesTests
{
    private const ulong All = CLONE.NEWNET | CLONE.NEWIPC | CLONE.NEWUTS;

    [Theory]
    [InlineData("net.ipv4.ip_forward", CLONE.NEWNET, "sys/net/ipv4/ip_forward")]
    [InlineData("net/ipv4/ip_forward", CLONE.NEWNET, "sys/net/ipv4/ip_forward")]
    [InlineData("net.ipv4.conf.eth0/1.forwarding", CLONE.NEWNET, "sys/net/ipv4/conf/eth0.1/forwarding")]
    [InlineData("net/ipv4/conf/eth0.1/forwarding", CLONE.NEWNET, "sys/net/ipv4/conf/eth0.1/forwarding")]
    [InlineData("kernel.shmmax", CLONE.NEWIPC, "sys/kernel/shmmax")]
    [InlineData("kernel.sem", CLONE.NEWIPC, "sys/kernel/sem")]
    [InlineData("fs.mqueue.msg_max", CLONE.NEWIPC, "sys/fs/mqueue/msg_max")]
    [InlineData("kernel.domainname", CLONE.NEWUTS, "sys/kernel/domainname")]
    public void A_key_of_a_namespace_needs_that_namespace(string key, ulong needed, string path)
    {
        Assert.Equal(path, SysctlRules.PathOf(key, needed));
        ContainerException refused = Assert.Throws<ContainerException>(() => SysctlRules.PathOf(key, All & ~needed));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
        Assert.Contains($"'{key}'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kernel.panic")]
    [InlineData("kernel.core_pattern")]
    [InlineData("kernel.hostname")]
    [InlineData("vm.swappiness")]
    [InlineData("fs.file-max")]
    [InlineData("kernel.shmmaxx")]
    [InlineData("netx.ipv4")]
    [InlineData("net")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("net..ipv4")]
    [InlineData("net./../kernel/core_pattern")]
    [InlineData("net/../kernel/core_pattern")]
    [InlineData("net/./ipv4")]
    [InlineData("/net/ipv4/ip_forward")]
    [InlineData("net.ipv4.")]
    public void Anything_else_is_refused_whatever_the_namespaces(string key) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => SysctlRules.PathOf(key, ulong.MaxValue)).Kind);
}
