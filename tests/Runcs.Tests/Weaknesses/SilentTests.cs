using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>What should protect a container is left out without a word (CVE-2025-64750, CVE-2025-65105, CVE-2021-43816).</summary>
public sealed class SilentTests : ContainerTest
{
    [Theory]
    [InlineData("apparmorProfile", "rundlet-no-such-profile")]
    [InlineData("selinuxLabel", "no_u:such_r:label_t:s0")]
    public void A_label_that_cannot_be_set_stops_the_start(string member, string label)
    {
        TestContainer container = Container().Script("echo ran");
        container.Process[member] = label;
        Assert.DoesNotContain("ran", container.Run().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--apparmor", "rundlet-no-such-profile")]
    [InlineData("--process-label", "no_u:such_r:label_t:s0")]
    public void A_label_that_cannot_be_set_stops_an_exec(string flag, string label)
    {
        TestContainer container = Container().Script("exec sleep 1000").Up();
        Assert.DoesNotContain("ran", container.Runtime("exec", flag, label, container.Id, "/bin/echo", "ran").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdirrr\"],\"action\":\"SCMP_ACT_KILL_PROCES\"}]}")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_DENY\"}")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_VAX\"]}")]
    public void A_filter_that_is_not_understood_stops_the_start(string filter)
    {
        TestContainer container = Container().Script("echo ran");
        container.LinuxPart["seccomp"] = JsonNode.Parse(filter);
        Assert.DoesNotContain("ran", container.Run().Output, StringComparison.Ordinal);
    }
}
