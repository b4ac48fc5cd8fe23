using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>Capabilities stay in the inheritable or ambient set, or reach users who are not root (CVE-2022-24769, CVE-2022-29162, CVE-2022-27649 to -27652, CVE-2016-8867).</summary>
public sealed class CapabilityTests : ContainerTest
{
    private const string Show = "grep -E '^Cap(Inh|Amb)' /proc/self/status | tr -d '\\t'";
    private static readonly string[] s_none = ["CapInh:0000000000000000", "CapAmb:0000000000000000"];

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void Nothing_is_inheritable_or_ambient_that_the_spec_does_not_name(int user)
    {
        TestContainer container = Container().Capabilities("CAP_CHOWN", "CAP_NET_RAW").Script(Show);
        container.Process["user"] = new JsonObject { ["uid"] = user, ["gid"] = user };
        Assert.Equal(s_none, container.Output().Split('\n'));
    }

    [Fact]
    public void Nothing_of_the_callers_own_is_inherited()
    {
        TestContainer container = Container().Capabilities("CAP_CHOWN").Script(Show);
        container.Save();
        using BoundedProcess run = BoundedProcess.Start($"{Scratch}/run",
            ["setpriv", "--inh-caps", "+net_raw,+chown", "--ambient-caps", "+net_raw,+chown", RuntimeProgram.Path, "--root", container.StateRoot, "run", "-b", container.Bundle, container.Id]);
        Assert.Equal(s_none, run.Wait().Good().Lines);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1000:1000")]
    public void A_capability_for_exec_is_not_inheritable(string user)
    {
        TestContainer container = Container().Capabilities("CAP_CHOWN").Script("exec sleep 1000").Up();
        string[] lines = container.Runtime("exec", "--user", user, "--cap", "CAP_NET_RAW", container.Id, "/bin/sh", "-c", Show).Good().Lines;
        Assert.Equal(s_none[0], lines[0]);
    }

    [Fact]
    public void A_user_who_is_not_root_has_no_capabilities_after_execve()
    {
        TestContainer container = Container().Capabilities("CAP_CHOWN", "CAP_NET_RAW").Script("grep -E '^Cap(Eff|Prm)' /proc/self/status | tr -d '\\t'");
        container.Process["user"] = new JsonObject { ["uid"] = 1000, ["gid"] = 1000 };
        Assert.Equal(["CapPrm:0000000000000000", "CapEff:0000000000000000"], container.Output().Split('\n'));
    }
}
