using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>Bad input: one line that names the place, the right status, and nothing left behind.</summary>
public sealed class BadInputTests : ContainerTest
{
    [Fact]
    [SpecRow("process.args")]
    public void A_script_without_its_interpreter_is_told_from_one_that_is_not_there()
    {
        TestContainer container = Container().Args("script");
        TestRootfs.WriteScript($"{container.Rootfs}/bin/script", "#!/no/such/interpreter\n");
        Finished run = container.Run().Refused(1, "no such file or directory");
        Assert.DoesNotContain("$PATH", run.Error, StringComparison.Ordinal);
        if (!RuntimeProgram.IsOurs)
            return; // runc's start does not wait for execve
        Assert.Contains("interpreter", run.Error, StringComparison.Ordinal);
        container.Create().Good();
        container.Start().Refused(1, "what it needs to run is missing");
        Container().Args("nosuch").Run().Refused(1, "executable file not found in $PATH");
    }

    [Fact]
    [SpecRow("process.args")]
    public void A_program_without_a_name_is_told_in_the_words_that_engines_look_for() => Container().Args("").Run().Refused(1, "exec: \"\": executable file not found in $PATH");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"ociVersion\":\"1.0.2\"} trailing")]
    public void A_config_that_is_not_a_json_object(string text) => RunText(text).Refused(1, RuntimeProgram.IsOurs ? "config.json" : "");

    [Fact]
    public void A_config_that_is_nested_without_end() => RunText(new string('[', 100_000)).Refused(1, "");

    [Fact]
    public void A_wrong_type_is_told_with_its_place()
    {
        TestContainer container = Container();
        container.Process["cwd"] = 5;
        container.Run().Refused(1, "process.cwd");
    }

    [Theory]
    [InlineData("process.args[1]", "process", "args", "[\"a\",{}]")]
    [InlineData("process.user.uid", "process", "user", "{\"uid\":-1,\"gid\":0}")]
    [InlineData("process.user.uid", "process", "user", "{\"uid\":4294967296,\"gid\":0}")]
    [InlineData("process.rlimits[0]", "process", "rlimits", "[{\"type\":\"RLIMIT_CORE\",\"soft\":\"x\",\"hard\":0}]")]
    [InlineData("linux.namespaces[0]", "linux", "namespaces", "[{\"type\":7}]")]
    [InlineData("linux.resources.memory.limit", "linux", "resources", "{\"memory\":{\"limit\":\"64M\"}}")]
    [InlineData("linux.resources.pids.limit", "linux", "resources", "{\"pids\":{\"limit\":[]}}")]
    [InlineData("linux.maskedPaths", "linux", "maskedPaths", "\"/proc\"")]
    public void The_place_is_told_to_the_last_member(string place, string part, string member, string value)
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        container.Spec[part]![member] = JsonNode.Parse(value);
        container.Run().Refused(1, place);
    }

    [Fact]
    [SpecRow("process.capabilities.invalid")]
    public void An_unknown_capability_is_left_out_with_a_warning()
    {
        TestContainer container = Container().Capabilities("CAP_CHOWN", "CAP_FLY").Script("grep CapEff /proc/self/status");
        Finished run = container.Run().Good();
        Assert.Contains("0000000000000001", run.Output, StringComparison.Ordinal);
        Assert.Contains("CAP_FLY", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_memory_limit_below_the_possible()
    {
        CgroupMounts.IsLegacy("memory");
        TestContainer container = Container();
        container.LinuxPart["resources"] = new JsonObject { ["memory"] = new JsonObject { ["limit"] = 4096 } };
        container.Run().Refused(1, RuntimeProgram.IsOurs ? "memory" : "");
    }

    [Theory]
    [InlineData("missing", "missing")]
    [InlineData("config.json", "config.json")]
    [InlineData("", "root.path")]
    public void A_rootfs_that_is_none(string path, string text)
    {
        TestContainer container = Container();
        container.Spec["root"]!["path"] = path;
        container.Run().Refused(1, RuntimeProgram.IsOurs ? text : "");
    }

    [Fact]
    public void No_spec_in_the_bundle()
    {
        TestContainer container = Container();
        container.Runtime("run", "-b", container.Bundle, container.Id).Refused(1, "config.json");
        container.Runtime("run", "-b", $"{container.Bundle}/missing", container.Id).Refused(1, "missing");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_bad_id(string id)
    {
        TestContainer container = Container();
        container.Save();
        container.Runtime("run", "-b", container.Bundle, id).Refused(1, id.Length == 0 && !RuntimeProgram.IsOurs ? "" : "invalid container ID format");
        if (RuntimeProgram.IsOurs)
            container.Runtime("state", id).Refused(1, "invalid container ID format");
    }

    [Fact]
    public void A_nul_in_an_argument()
    {
        TestContainer container = Container().Args("/bin/echo", "a\0b");
        container.Run().Refused(1, RuntimeProgram.IsOurs ? "process.args" : "");
    }

    [Fact]
    public void A_nul_in_a_path()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Mount("/mnt\0/x", "tmpfs", "tmpfs");
        container.Run().Refused(1, "mounts");
        Container().Mount("/mnt", "bind", "/tmp\0x", "bind").Run().Refused(1, "mounts");
    }

    [Fact]
    public void A_surrogate_without_its_half()
    {
        TestContainer container = Container();
        string text = container.Spec.ToJsonString().Replace("/bin/true", "/bin/\\ud800", StringComparison.Ordinal);
        Assert.NotEqual(0, RunText(text).Status);
    }

    [Fact]
    public void A_namespace_path_that_is_none()
    {
        Container().Namespace("network", "/proc/self/ns/nosuch").Run().Refused(1, "nosuch");
        Container().Namespace("network", "/etc/passwd").Run().Refused(1, RuntimeProgram.IsOurs ? "/etc/passwd" : "");
    }

    [Theory]
    [InlineData("SCMP_ACT_WHAT", "mkdir", "SCMP_ACT_WHAT")]
    [InlineData("SCMP_ACT_ALLOW", null, "SCMP_ACT_NOTIFY")]
    public void A_filter_that_cannot_be_made(string action, string? call, string text)
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        container.LinuxPart["seccomp"] = new JsonObject
        {
            ["defaultAction"] = action,
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = TestContainer.Texts(call ?? "mkdir"), ["action"] = call is null ? "SCMP_ACT_NOTIFY" : "SCMP_ACT_ALLOW" }),
        };
        container.Run().Refused(1, text);
    }

    [Fact]
    public void Damaged_state_is_told_and_removed_by_force()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000").Up();
        TestContainer other = Container();
        other.Create().Good();
        File.WriteAllText($"{container.StateRoot}/{container.Id}/state.json", "{\"pid\":");
        container.Runtime("state", container.Id).Refused(1, $"state of container '{container.Id}' is damaged");
        Assert.Contains(other.Id, container.Runtime("list", "-f", "json").Good().Output, StringComparison.Ordinal);
        container.Runtime("delete", container.Id).Refused(1, "is damaged");
        container.Runtime("delete", "--force", container.Id).Good();
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
    }

    private Finished RunText(string text)
    {
        TestContainer container = Container();
        File.WriteAllText($"{container.Bundle}/config.json", text);
        return container.Runtime("run", "-b", container.Bundle, container.Id);
    }
}
