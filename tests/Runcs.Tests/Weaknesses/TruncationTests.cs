using System.Globalization;
using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>What is too long for the way it takes to the kernel or to the child is cut off, and its rest becomes something else (CVE-2021-43784).</summary>
public sealed class TruncationTests : ContainerTest
{
    private const int MustWork = 100; // lines of an id map: the kernel takes 340, and no more than a page of text

    [Theory]
    [InlineData(MustWork)]
    [InlineData(340)]
    [InlineData(341)]
    [InlineData(2000)]
    public void A_long_id_map_is_taken_whole_or_refused(int lines)
    {
        TestContainer container = Container().Namespace("user").Script("cat /proc/self/uid_map | wc -l; cat /proc/self/gid_map | wc -l");
        JsonArray map = [];
        for (int i = 0; i < lines; i++)
            map.Add(new JsonObject { ["containerID"] = 2 * i, ["hostID"] = 100000 + (2 * i), ["size"] = 1 });
        container.LinuxPart["uidMappings"] = map;
        container.LinuxPart["gidMappings"] = map.DeepClone();
        using (BoundedProcess chown = BoundedProcess.Start($"{Scratch}/chown", ["chown", "-R", "100000:100000", container.Rootfs]))
            chown.Wait().Good();
        Finished run = container.Run();
        if (run.Status == 0)
            Assert.Equal([lines.ToString(CultureInfo.InvariantCulture), lines.ToString(CultureInfo.InvariantCulture)], run.Lines.Select(line => line.Trim()));
        else
            Assert.True(lines > MustWork, run.Error);
    }

    [Fact]
    public void Long_arguments_variables_and_groups_arrive_whole()
    {
        TestContainer container = Container().Args("/bin/sh", "-c", "echo ${#1} ${#LONG} $(grep ^Groups /proc/self/status | wc -w)", "sh", new string('a', 100_000));
        container.Process["env"] = TestContainer.Texts("PATH=/bin", $"LONG={new string('b', 70_000)}");
        container.Process["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0, ["additionalGids"] = new JsonArray([.. Enumerable.Range(1, 5000).Select(gid => (JsonNode)gid)]) };
        Assert.Equal("100000 70000 5001", container.Output());
    }

    [Fact]
    public void A_hostname_that_is_too_long_is_refused_and_not_cut()
    {
        TestContainer container = Container().Script("hostname");
        container.Spec["hostname"] = new string('h', 65);
        Assert.NotEqual(0, container.Run().Status);
    }
}
