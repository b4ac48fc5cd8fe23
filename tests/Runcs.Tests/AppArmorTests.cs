using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>Real profiles, loaded for the test: where the kernel runs AppArmor and <c>apparmor_parser</c> is installed.</summary>
[SpecRow("process.apparmorProfile")]
public sealed class AppArmorTests : ContainerTest
{
    private const string Parser = "/usr/sbin/apparmor_parser";
    private const string Show = "cat /proc/self/attr/current; cat /tmp/secret; cat /tmp/open";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_profile_denies_what_it_says_in_the_container_and_in_exec(bool noNewPrivileges, bool userNamespace)
    {
        using Profile profile = Load("deny");
        TestContainer container = Confined(profile.Name);
        container.Process["noNewPrivileges"] = noNewPrivileges;
        if (userNamespace)
        {
            RuntimeProgram.SkipUnlessOurs("the root file system of the test is no other user's");
            JsonArray map = new(new JsonObject { ["containerID"] = 0, ["hostID"] = 0, ["size"] = 65536 });
            container.Namespace("user").LinuxPart["uidMappings"] = map;
            container.LinuxPart["gidMappings"] = map.DeepClone();
            container.LinuxPart["maskedPaths"] = TestContainer.Texts("/proc/kcore", "/proc/keys");
        }
        container.Script($"{{ {Show}; }} 2>&1; sleep 1000").Up();
        container.AwaitText(container.OutputFile, "visible");
        string[] expected = [$"{profile.Name} (enforce)", "cat: can't open '/tmp/secret': Permission denied", "visible"];
        Assert.Equal(expected, container.ContainerOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(expected, container.Exec("sh", "-c", $"{{ {Show}; }} 2>&1").Lines);
    }

    [Fact]
    public void Exec_may_have_another_profile_or_none()
    {
        using Profile profile = Load("deny");
        using Profile other = Load("deny", "complain,");
        TestContainer container = Confined(profile.Name).Args("sleep", "1000").Up();
        Assert.Equal([$"{other.Name} (complain)", "hidden", "visible"], container.Runtime("exec", "--apparmor", other.Name, container.Id, "sh", "-c", Show).Lines);
        Assert.Equal(["unconfined", "hidden", "visible"], container.Runtime("exec", "--apparmor", "unconfined", container.Id, "sh", "-c", Show).Lines);
        Assert.Equal($"{profile.Name} (enforce)", container.Exec("cat", "/proc/self/attr/current").Lines[0]);
    }

    [Fact]
    public void A_process_file_without_a_profile_has_the_containers()
    {
        using Profile profile = Load("deny");
        TestContainer container = Confined(profile.Name).Args("sleep", "1000").Up();
        string Seen(string members)
        {
            File.WriteAllText($"{Scratch}/process.json", $$"""{"args":["cat","/proc/self/attr/current"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0}{{members}}}""");
            return container.Runtime("exec", "--process", $"{Scratch}/process.json", container.Id).Good().Output.Trim();
        }
        Assert.Equal($"{profile.Name} (enforce)", Seen(""));
        Assert.Equal($"{profile.Name} (enforce)", Seen(",\"apparmorProfile\":\"\""));
        Assert.Equal("unconfined", Seen(",\"apparmorProfile\":\"unconfined\""));
    }

    [Theory]
    [InlineData("unconfined")]
    [InlineData("")]
    public void Without_a_profile_the_container_is_unconfined(string name)
    {
        RequireAppArmor();
        Assert.Equal(["unconfined", "hidden", "visible"], Confined(name).Script(Show).Output().Split('\n'));
    }

    [Fact]
    public void A_profile_that_is_not_loaded_is_named_and_nothing_is_left()
    {
        RequireAppArmor();
        TestContainer container = Confined("rundlet-test-not-there").Script("echo never");
        Finished run = container.Run().Refused(1, "rundlet-test-not-there");
        if (RuntimeProgram.IsOurs)
            Assert.Contains("apparmor_parser", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"{container.StateRoot}/{container.Id}"));
    }

    [Fact]
    public void Where_the_kernel_does_not_run_it_a_profile_is_refused_and_unconfined_is_true_already()
    {
        if (HasAppArmor)
            Assert.Skip("this kernel runs AppArmor");
        RuntimeProgram.SkipUnlessOurs("others may pass it over");
        Confined("docker-default").Run().Refused(1, "process.apparmorProfile 'docker-default': AppArmor is not enabled on this host");
        TestContainer container = Confined("unconfined").Args("sleep", "1000").Up();
        container.Runtime("exec", "--apparmor", "docker-default", container.Id, "true").Refused(255, "AppArmor is not enabled on this host");
    }

    private static bool HasAppArmor => File.Exists("/sys/module/apparmor/parameters/enabled") && File.ReadAllText("/sys/module/apparmor/parameters/enabled").StartsWith('Y');

    private static void RequireAppArmor()
    {
        if (!HasAppArmor)
            Assert.Skip("this kernel does not run AppArmor: ./dev vm does");
    }

    private TestContainer Confined(string profile)
    {
        TestContainer container = Container();
        Directory.CreateDirectory($"{container.Rootfs}/tmp");
        File.WriteAllText($"{container.Rootfs}/tmp/secret", "hidden\n");
        File.WriteAllText($"{container.Rootfs}/tmp/open", "visible\n");
        container.Process["apparmorProfile"] = profile;
        return container;
    }

    private Profile Load(string word, string flags = "")
    {
        RequireAppArmor();
        if (!File.Exists(Parser))
            Assert.Skip("needs the Debian package apparmor");
        return new Profile(Scratch, $"rundlet-test-{word}-{Guid.NewGuid():n}", flags);
    }

    /// <summary>A loaded profile.</summary>
    private sealed class Profile : IDisposable
    {
        private readonly string _file;

        public Profile(string folder, string name, string flags)
        {
            Name = name;
            _file = $"{folder}/{name}";
            File.WriteAllText(_file, $$"""
                profile {{name}} flags=({{flags}}attach_disconnected,mediate_deleted) {
                  file,
                  capability,
                  network,
                  mount,
                  umount,
                  signal,
                  ptrace,
                  {{(flags.Length == 0 ? "deny /tmp/secret rw," : "")}}
                }

                """);
            Run("--replace");
        }

        public string Name { get; }

        public void Dispose() => Run("--remove");

        private void Run(string verb)
        {
            using BoundedProcess parser = BoundedProcess.Start($"{_file}{verb}", [Parser, "--skip-cache", verb, _file]);
            parser.Wait().Good();
        }
    }
}
