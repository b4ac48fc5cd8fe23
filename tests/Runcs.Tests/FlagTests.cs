using System.Text.Json.Nodes;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>Flags and commands that callers use less often.</summary>
public sealed class FlagTests : ContainerTest
{
    [Fact]
    [SpecRow("cli.features")]
    public void Features_name_what_the_specification_lists()
    {
        RuntimeProgram.SkipUnlessOurs("the list depends on the version");
        JsonObject features = JsonNode.Parse(Container().Runtime("features").Good().Output)!.AsObject();
        Assert.Equal(("1.0.0", "1.3.0"), ((string)features["ociVersionMin"]!, (string)features["ociVersionMax"]!));
        Assert.Equal(6, features["hooks"]!.AsArray().Count);
        string[] options = Words(features["mountOptions"]);
        Assert.Equal(options.Order(StringComparer.Ordinal).Distinct(), options);
        foreach (string option in (string[])["bind", "rbind", "ro", "rro", "nosymfollow", "rprivate"])
            Assert.Contains(option, options);
        JsonObject linux = features["linux"]!.AsObject();
        Assert.Equal(["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"], Words(linux["namespaces"]));
        Assert.Contains("CAP_CHECKPOINT_RESTORE", Words(linux["capabilities"]));
        Assert.True((bool)linux["cgroup"]!["v1"]! && (bool)linux["cgroup"]!["v2"]!);
        Assert.True((bool)linux["seccomp"]!["enabled"]!);
        Assert.Contains("SCMP_CMP_MASKED_EQ", Words(linux["seccomp"]!["operators"]));
        Assert.Contains("SCMP_ARCH_X86_64", Words(linux["seccomp"]!["archs"]));
        Assert.Subset(new HashSet<string>(Words(linux["seccomp"]!["knownFlags"])), new HashSet<string>(Words(linux["seccomp"]!["supportedFlags"])));
        foreach (string part in (string[])["apparmor", "selinux", "intelRdt", "netDevices"])
            Assert.NotNull((bool?)linux[part]!["enabled"]);
        Assert.True((bool)linux["intelRdt"]!["enabled"]! && (bool)linux["intelRdt"]!["schemata"]! && (bool)linux["intelRdt"]!["monitoring"]!);
        Assert.True((bool)linux["cgroup"]!["systemd"]! && (bool)linux["cgroup"]!["systemdUser"]! && (bool)linux["cgroup"]!["rdma"]!);
        Assert.NotNull((bool?)linux["mountExtensions"]!["idmap"]!["enabled"]);
        Assert.NotNull(features["annotations"]);
        Assert.NotNull(features["potentiallyUnsafeConfigAnnotations"]);
        Container().Runtime("features", "x").Refused(1, "takes no arguments");
    }

    [Fact]
    public void A_pattern_kills_and_deletes_what_it_matches()
    {
        RuntimeProgram.SkipUnlessOurs("of crun, not of runc");
        List<TestContainer> all = [];
        for (int i = 0; i < 3; i++)
            all.Add(Container().Script("exec sleep 1000").Up());
        string two = $"^({all[0].Id}|{all[1].Id})$";
        int[] pids = [.. all.Select(container => container.Pid())];
        all[0].Runtime("kill", "--regex", two, "KILL").Good();
        all[0].WaitForEnd(pids[0]);
        all[1].WaitForEnd(pids[1]);
        Assert.Equal("running", all[2].Status());
        all[0].Runtime("kill", "-r", two, "KILL").Refused(1, "container not running");
        all[0].Runtime("delete", "--regex", two).Good();
        all[0].Runtime("state", all[0].Id).Refused(1, "container does not exist");
        all[0].Runtime("state", all[1].Id).Refused(1, "container does not exist");
        all[0].Runtime("delete", "--regex", "no such").Good();
        all[2].Runtime("delete", "-r", all[2].Id[..^3] + ".{3}").Refused(1, "that is not stopped");
        all[2].Runtime("delete", "--force", "--regex", $"{all[2].Id[..4]}.*{all[2].Id[^5..]}").Good();
    }

    [Theory]
    [InlineData("(")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("*")]
    [InlineData("a{1000}")]
    [InlineData("((((a{200}){200}){200}){200})")]
    [InlineData("a{3,2}")]
    [InlineData("[[:alpha:]]")]
    [InlineData("\\w")]
    public void A_pattern_that_is_none_is_refused(string pattern)
    {
        RuntimeProgram.SkipUnlessOurs();
        Container().Runtime("delete", "--regex", pattern).Refused(1, "invalid regular expression");
    }

    [Fact]
    public void A_pidfd_of_the_new_process_goes_to_the_socket()
    {
        RuntimeProgram.SkipUnlessOurs("since runc 1.2");
        TestContainer container = Container().Script("exec sleep 1000");
        using (ConsoleListener listener = new($"{Scratch}/p1"))
        {
            container.Create("--pidfd-socket", listener.Path).Good();
            using TerminalMaster pidfd = listener.Receive();
            Assert.Equal("pidfd", pidfd.Name);
            Assert.Equal(container.Pid(), PidOf(pidfd.Fd));
        }
        container.Start().Good();
        using (ConsoleListener listener = new($"{Scratch}/p2"))
        {
            container.Runtime("exec", "--detach", "--pid-file", $"{Scratch}/pid", "--pidfd-socket", listener.Path, container.Id, "sleep", "1000").Good();
            using TerminalMaster pidfd = listener.Receive();
            Assert.Equal(int.Parse(File.ReadAllText($"{Scratch}/pid")), PidOf(pidfd.Fd));
        }
        Container().Create("--pidfd-socket", $"{Scratch}/nobody").Refused(1, "connect to pidfd socket");
    }

    [Fact]
    public void Exec_may_name_a_cgroup_beneath_the_containers()
    {
        RuntimeProgram.SkipUnlessOurs("the words for a hybrid host differ");
        TestContainer container = Container().Script("exec sleep 1000").Up();
        string file = TestContainer.CgroupFile(container.Pid(), "memory", "cgroup.procs");
        string folder = Path.GetDirectoryName(file)!;
        Directory.CreateDirectory($"{folder}/sub");
        string prefix = CgroupMounts.Find("memory") is null ? "" : "memory:";
        container.Runtime("exec", "--cgroup", $"{prefix}sub", "--detach", container.Id, "sleep", "1000").Good();
        Assert.Single(File.ReadAllLines($"{folder}/sub/cgroup.procs"));
        container.Runtime("exec", "--cgroup", $"{prefix}none", container.Id, "true").Refused(255, "no cgroup");
        container.Runtime("exec", "--cgroup", $"{prefix}../..", container.Id, "true").Refused(255, "leads out of the container's cgroup");
        container.Runtime("exec", "--cgroup", "moon:sub", container.Id, "true").Refused(255, "no cgroup of a controller 'moon'");
    }

    [Fact]
    public void Groups_may_be_given_in_one_word()
    {
        RuntimeProgram.SkipUnlessOurs("newer than the runc of Debian");
        TestContainer container = Container().Script("exec sleep 1000").Up();
        Assert.Equal("0 5 6 7", container.Runtime("exec", "-g", "5,6", "--additional-gids", "7", container.Id, "id", "-G").Good().Output.Trim());
    }

    public static TheoryData<string[]> Failing => new(
        ["create"], ["create", "a", "b"], ["create", "--bundle", "/no/such", "x"], ["create", "--what", "x"], ["run", "x/y"], ["run", "-b", "/no/such", "x"], ["start", "nobody"],
        ["start"], ["state", "nobody"], ["kill", "nobody"], ["kill", "nobody", "WHAT"], ["kill"], ["delete", "nobody"], ["delete", "a/b"], ["list", "-f", "x"],
        ["exec", "nobody", "true"], ["exec"], ["spec", "--bundle", "/no/such"], ["pause", "nobody"], ["resume", "nobody"], ["ps", "nobody"], ["update", "nobody"],
        ["events", "--stats", "nobody"], ["features", "x"], ["nonsense"], ["delete", "--regex", "("], ["state", "a\nb\"c"]);

    [Theory]
    [MemberData(nameof(Failing))]
    [SpecRow("cli.log")]
    public void Every_command_that_fails_logs_exactly_one_object(string[] words)
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        string log = $"{Scratch}/runtime.log";
        Finished failed = container.Runtime(["--log", log, "--log-format", "json", .. words]);
        Assert.NotEqual(0, failed.Status);
        JsonObject entry = JsonNode.Parse(Assert.Single(File.ReadAllLines(log)))!.AsObject();
        Assert.Equal("error", (string)entry["level"]!);
        Assert.StartsWith($"runcs: {(string)entry["msg"]!}\n", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_the_flags_before_the_command_is_logged_too()
    {
        RuntimeProgram.SkipUnlessOurs();
        string log = $"{Scratch}/runtime.log";
        Container().Runtime("--log", log, "--what", "list").Refused(1, "unknown flag '--what'");
        Assert.Single(File.ReadAllLines(log));
        Container().Runtime("--log-format", "xml", "list").Refused(1, "--log-format: unknown value 'xml'");
        Container().Runtime("--log-level", "loud", "list").Refused(1, "--log-level");
        Container().Runtime("--rootless=maybe", "list").Refused(1, "--rootless");
    }

    [Fact]
    public void Warnings_are_logged_where_the_level_asks_for_them()
    {
        RuntimeProgram.SkipUnlessOurs();
        string log = $"{Scratch}/runtime.log";
        foreach ((string level, int lines) in new[] { ("error", 0), ("warning", 1) })
        {
            TestContainer container = Container();
            container.Spec["hooks"] = new JsonObject { ["poststop"] = new JsonArray(new JsonObject { ["path"] = "/no/such" }) };
            container.Save();
            Assert.Contains("warning", container.Runtime("--log", log, "--log-level", level, "run", "-b", container.Bundle, container.Id).Good().Error, StringComparison.Ordinal);
            Assert.Equal(lines, File.Exists(log) ? File.ReadAllLines(log).Length : 0);
        }
        Assert.Contains("level=warning", File.ReadAllText(log), StringComparison.Ordinal);
    }

    private static string[] Words(JsonNode? array) => [.. array!.AsArray().Select(item => (string)item!)];

    private static int PidOf(int pidfd) =>
        int.Parse(File.ReadAllLines($"/proc/self/fdinfo/{pidfd}").Single(line => line.StartsWith("Pid:", StringComparison.Ordinal))[4..]);
}
