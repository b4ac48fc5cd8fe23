using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// A user becomes root: by the name that looks like a number (CVE-2016-3697), by half of UID:GID (CVE-2026-30892), by a number that wraps
/// (CVE-2024-40635, CVE-2026-46680).
/// </summary>
public sealed class UserTests : ContainerTest
{
    [Fact]
    public void A_number_alone_is_that_user()
    {
        TestContainer container = Container().Script("exec sleep 1000");
        File.WriteAllText($"{container.Rootfs}/etc/passwd", "1:x:0:0::/:/bin/sh\nroot:x:0:0::/:/bin/sh\n");
        container.Up();
        Assert.Equal("1", container.Runtime("exec", "--user", "1", container.Id, "/bin/id", "-u").Good().Output.Trim());
        Assert.Equal("1", container.Runtime("exec", "-u", "1", container.Id, "/bin/id", "-u").Good().Output.Trim());
    }

    [Theory]
    [InlineData("4294967296")]
    [InlineData("18446744073709551616")]
    [InlineData("4294967295")]
    [InlineData("-1")]
    [InlineData("1:4294967296")]
    [InlineData("0x0")]
    [InlineData(" 0")]
    [InlineData("0 ")]
    [InlineData("root")]
    public void What_is_no_id_is_nobody(string user)
    {
        TestContainer container = Container().Script("exec sleep 1000").Up();
        Assert.DoesNotContain("uid=", container.Runtime("exec", "--user", user, container.Id, "/bin/id").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4294967296")]
    [InlineData("-1")]
    [InlineData("4294967295")]
    [InlineData("1e10")]
    [InlineData("\"0\"")]
    public void A_spec_with_an_id_out_of_range_runs_as_nobody(string number)
    {
        TestContainer container = Container().Args("/bin/id");
        container.Process["user"] = JsonNode.Parse($"{{\"uid\":{number},\"gid\":{number}}}");
        Assert.DoesNotContain("uid=", container.Run().Output, StringComparison.Ordinal);
    }
}
