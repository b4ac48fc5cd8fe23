using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>A list of what is allowed is read as a list of what is denied (GHSA-g54h-m393-cpwq).</summary>
public sealed class DeviceTests : ContainerTest
{
    private static string Disk => Directory.EnumerateFileSystemEntries("/sys/dev/block").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).FirstOrDefault()
        ?? throw new InvalidOperationException("this machine has no block device");

    private static string Attack => $"mknod /dev/disk b {Disk.Replace(':', ' ')}; mknod /dev/mine c 1 5; head -c 1 /dev/disk 2>&1 | tr -d '\\0' | grep -o 'not permitted'; head -c 1 /dev/mine | wc -c";

    [Fact]
    public void What_no_rule_allows_cannot_be_opened_though_its_node_can_be_made()
    {
        TestContainer container = Container().Capabilities("CAP_MKNOD").Script(Attack);
        container.LinuxPart["resources"] = new JsonObject
        {
            ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }, new JsonObject { ["allow"] = true, ["type"] = "c", ["major"] = 1, ["minor"] = 5, ["access"] = "rwm" }),
        };
        Assert.Equal(["not permitted", "1"], container.Output().Split('\n'));
    }

    [Fact]
    public void A_list_that_only_allows_still_denies_the_rest()
    {
        TestContainer container = Container().Capabilities("CAP_MKNOD").Script(Attack);
        container.LinuxPart["resources"] = new JsonObject { ["devices"] = new JsonArray(new JsonObject { ["allow"] = true, ["type"] = "c", ["major"] = 1, ["minor"] = 5, ["access"] = "rwm" }) };
        Assert.Equal(["not permitted", "1"], container.Output().Split('\n'));
    }
}
