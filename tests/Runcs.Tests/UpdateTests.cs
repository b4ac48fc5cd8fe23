using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class UpdateTests : ContainerTest
{
    private const long MiB = 1 << 20;

    [SpecRow("cli.update")]
    [Fact]
    public void Limits_change_by_flags_and_what_is_not_named_stays()
    {
        bool legacy = CgroupMounts.IsLegacy("memory");
        TestContainer container = Limited();
        container.Runtime("update", "--memory", "96M", "--pids-limit", "77", "--cpu-quota", "30000", container.Id).Good();
        Assert.Equal($"{96 * MiB}", Read(container, "memory", legacy ? "memory.limit_in_bytes" : "memory.max"));
        Assert.Equal("77", Read(container, "pids", "pids.max"));
        Assert.Equal(legacy ? "30000" : "30000 50000", Read(container, "cpu", legacy ? "cpu.cfs_quota_us" : "cpu.max"));
        container.Runtime("update", "--cpu-period", "60000", "--cpu-share", "2048", "--cpuset-cpus", "0", container.Id).Good();
        Assert.Equal(legacy ? "60000" : "30000 60000", Read(container, "cpu", legacy ? "cpu.cfs_period_us" : "cpu.max"));
        if (legacy)
            Assert.Equal("2048", Read(container, "cpu", "cpu.shares"));
        else if (RuntimeProgram.IsOurs)
            Assert.Equal("174", Read(container, "cpu", "cpu.weight"));
        Assert.Equal("0", Read(container, "cpuset", "cpuset.cpus"));
        Assert.Equal("77", Read(container, "pids", "pids.max"));
    }

    [Fact]
    public void Limits_change_by_a_document_on_standard_input_and_flags_go_before_it()
    {
        bool legacy = CgroupMounts.IsLegacy("memory");
        TestContainer container = Limited();
        string file = $"{Scratch}/resources.json";
        File.WriteAllText(file, new JsonObject { ["memory"] = new JsonObject { ["limit"] = 80 * MiB }, ["pids"] = new JsonObject { ["limit"] = 55 } }.ToJsonString());
        container.Redirected($"0<{file}", "update", "--resources", "-", container.Id).Good();
        Assert.Equal($"{80 * MiB}", Read(container, "memory", legacy ? "memory.limit_in_bytes" : "memory.max"));
        Assert.Equal("55", Read(container, "pids", "pids.max"));
        if (!RuntimeProgram.IsOurs)
            return; // runc ignores the flags then
        container.Runtime("update", $"--resources={file}", "--pids-limit", "56", container.Id).Good();
        Assert.Equal("56", Read(container, "pids", "pids.max"));
    }

    [Fact]
    public void Memory_and_swap_go_up_and_down_together_and_away()
    {
        bool legacy = CgroupMounts.IsLegacy("memory");
        TestContainer container = Limited();
        foreach (int mebibytes in (int[])[256, 64])
        {
            container.Runtime("update", "--memory", $"{mebibytes}m", "--memory-swap", $"{mebibytes}m", container.Id).Good();
            Assert.Equal($"{mebibytes * MiB}", Read(container, "memory", legacy ? "memory.limit_in_bytes" : "memory.max"));
        }
        container.Runtime("update", "--memory", "-1", container.Id).Good();
        if (legacy)
            Assert.Equal(["9223372036854771712", "9223372036854771712"], [Read(container, "memory", "memory.limit_in_bytes"), Read(container, "memory", "memory.memsw.limit_in_bytes")]);
        else
            Assert.Equal("max", Read(container, "memory", "memory.max"));
    }

    [Fact]
    public void A_limit_that_is_refused_leaves_all_limits_as_they_were()
    {
        RuntimeProgram.SkipUnlessOurs("runc restores what its own record holds, not what was in the files");
        bool legacy = CgroupMounts.IsLegacy("memory");
        TestContainer container = Limited();
        string file = legacy ? "memory.soft_limit_in_bytes" : "memory.low";
        string before = Read(container, "memory", file);
        container.Runtime("update", "--memory", "96M", "--memory-reservation", "32M", "--pids-limit", "78", "--cpu-period", "5", container.Id).Refused(1, "cpu period");
        Assert.Equal($"{64 * MiB}", Read(container, "memory", legacy ? "memory.limit_in_bytes" : "memory.max"));
        Assert.Equal(before, Read(container, "memory", file));
        Assert.Equal("100", Read(container, "pids", "pids.max"));
        Assert.Equal(legacy ? "25000" : "25000 50000", Read(container, "cpu", legacy ? "cpu.cfs_quota_us" : "cpu.max"));
    }

    [Fact]
    public void The_saved_spec_has_the_new_limits_and_all_else()
    {
        RuntimeProgram.SkipUnlessOurs("each runtime keeps its own record");
        CgroupMounts.IsLegacy("memory");
        TestContainer container = Limited();
        container.Runtime("update", "--memory", "96M", container.Id).Good();
        JsonNode saved = JsonNode.Parse(File.ReadAllText($"{container.StateRoot}/{container.Id}/config.json"))!;
        JsonNode resources = saved["linux"]!["resources"]!;
        Assert.Equal((96 * MiB, 100L, 25000L), ((long)resources["memory"]!["limit"]!, (long)resources["pids"]!["limit"]!, (long)resources["cpu"]!["quota"]!));
        Assert.Equal(container.Process["args"]!.ToJsonString(), saved["process"]!["args"]!.ToJsonString());
        container.Exec("/bin/true").Good(); // which reads it
    }

    [Fact]
    public void A_created_and_a_paused_container_can_be_updated_and_a_stopped_one_not()
    {
        CgroupMounts.IsLegacy("pids");
        TestContainer container = Container().Script("true");
        container.Create().Good();
        int pid = container.Pid();
        container.Runtime("update", "--pids-limit", "50", container.Id).Good();
        Assert.Equal("50", Read(container, "pids", "pids.max"));
        container.Runtime("pause", container.Id).Good();
        container.Runtime("update", "--pids-limit", "51", container.Id).Good();
        Assert.Equal("51", Read(container, "pids", "pids.max"));
        Assert.Equal("paused", container.Status());
        container.Runtime("resume", container.Id).Good();
        container.Start().Good();
        container.WaitForEnd(pid);
        container.Runtime("update", "--pids-limit", "52", container.Id).Refused(1, "container not running");
    }

    [Theory]
    [InlineData("67108864", 64 * MiB)]
    [InlineData("65536k", 64 * MiB)]
    [InlineData("64MB", 64 * MiB)]
    [InlineData("64MiB", 64 * MiB)]
    [InlineData("0.5g", 512 * MiB)]
    [InlineData("1.25G", 1280 * MiB)]
    public void Bytes_may_have_a_unit(string text, long bytes)
    {
        bool legacy = CgroupMounts.IsLegacy("memory");
        TestContainer container = Container().Script("sleep 1000").Up();
        container.Runtime("update", "--memory", text, container.Id).Good();
        Assert.Equal($"{bytes}", Read(container, "memory", legacy ? "memory.limit_in_bytes" : "memory.max"));
    }

    [Theory]
    [InlineData("--memory", "lots")]
    [InlineData("--memory", "-2")]
    [InlineData("--cpu-quota", "many")]
    [InlineData("--cpu-share", "-5")]
    [InlineData("--cpu-period", "1e3")]
    [InlineData("--memory-swap", "99999999P")]
    public void A_value_that_is_no_number_is_refused(string flag, string value)
    {
        RuntimeProgram.SkipUnlessOurs("runc's words differ by flag");
        TestContainer container = Container().Script("sleep 1000").Up();
        container.Runtime("update", flag, value, container.Id).Refused(1, $"invalid value for {flag}: '{value}'");
    }

    [Fact]
    public void A_document_that_is_no_json_is_refused_with_its_place()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("sleep 1000").Up();
        string file = $"{Scratch}/bad.json";
        File.WriteAllText(file, """{"memory":{"limit":"much"}}""");
        container.Runtime("update", "--resources", file, container.Id).Refused(1, "limit");
        container.Runtime("update", "--resources", $"{file}.not", container.Id).Refused(1, "bad.json.not");
        container.Runtime("update", "--l3-cache-schema", "L3:0=f", container.Id).Refused(1, "linux.intelRdt");
    }

    [Fact]
    public void Device_rules_change_while_the_container_runs()
    {
        RuntimeProgram.SkipUnlessOurs("runc leaves device rules out of updates");
        TestContainer container = Container().Capabilities("CAP_MKNOD", "CAP_SYSLOG").Script("mknod /tmp/kmsg c 1 11; echo up; sleep 1000");
        container.LinuxPart["resources"] = new JsonObject { ["devices"] = new JsonArray(Rule(false, null, null, null, "rwm")) };
        container.Up();
        container.AwaitText(container.OutputFile, "up");
        Assert.NotEqual(0, container.Exec("/bin/sh", "-c", ": < /tmp/kmsg").Status);
        string file = $"{Scratch}/devices.json";
        File.WriteAllText(file, new JsonObject { ["devices"] = new JsonArray(Rule(false, null, null, null, "rwm"), Rule(true, "c", 1, 11, "r")) }.ToJsonString());
        container.Runtime("update", "--resources", file, container.Id).Good();
        container.Exec("/bin/sh", "-c", ": < /tmp/kmsg").Good();
        Assert.NotEqual(0, container.Exec("/bin/sh", "-c", ": > /tmp/kmsg").Status);
        container.Exec("/bin/sh", "-c", "head -c 1 /dev/zero > /dev/null").Good();
    }

    private static JsonObject Rule(bool allow, string? type, int? major, int? minor, string access)
    {
        JsonObject rule = new() { ["allow"] = allow, ["access"] = access };
        if (type is not null)
            rule["type"] = type;
        if (major is not null)
            (rule["major"], rule["minor"]) = (major, minor);
        return rule;
    }

    private TestContainer Limited()
    {
        CgroupMounts.IsLegacy("pids");
        CgroupMounts.IsLegacy("cpu");
        TestContainer container = Container().Script("sleep 1000");
        container.LinuxPart["resources"] = new JsonObject
        {
            ["memory"] = new JsonObject { ["limit"] = 64 * MiB },
            ["pids"] = new JsonObject { ["limit"] = 100 },
            ["cpu"] = new JsonObject { ["quota"] = 25000, ["period"] = 50000 },
        };
        return container.Up();
    }

    private static string Read(TestContainer container, string controller, string file) =>
        File.ReadAllText(TestContainer.CgroupFile(container.Pid(), controller, file)).Trim();
}
