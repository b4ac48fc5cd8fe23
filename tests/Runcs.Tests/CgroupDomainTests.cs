using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>Cgroups of v2 that take no processes, or no controllers: cgroup-v2, "No Internal Process Constraint" and "Threads".</summary>
public sealed class CgroupDomainTests : ContainerTest
{
    // Its own first process makes room: a cgroup has either processes or controllers for its children.
    private const string ManagesCgroups = """
        mkdir /sys/fs/cgroup/init && echo $$ > /sys/fs/cgroup/init/cgroup.procs &&
        echo '+pids +memory' > /sys/fs/cgroup/cgroup.subtree_control && echo ready; sleep 1000
        """;

    public CgroupDomainTests()
    {
        if (CgroupMounts.Points.Count() != 1 || CgroupMounts.Unified.Length == 0)
            Assert.Skip("needs cgroup v2 alone");
    }

    [Fact]
    public void A_process_is_executed_where_a_container_that_manages_cgroups_has_its_own()
    {
        TestContainer container = Container().Mount("/sys/fs/cgroup", "cgroup", "cgroup", "rw").Script(ManagesCgroups).Up();
        container.AwaitText(container.OutputFile, "ready");
        Assert.Equal("0::/init\n", container.Exec("cat", "/proc/self/cgroup").Good().Output);
        if (RuntimeProgram.IsOurs)
            Assert.Equal($"[{container.Pid()}]", container.Runtime("ps", "--format", "json", container.Id).Good().Output.Trim());
        container.Runtime("delete", "--force", container.Id).Good();
    }

    [Fact]
    public void A_parent_with_processes_hands_nothing_on_and_stays_what_it_is()
    {
        RuntimeProgram.SkipUnlessOurs("runc and crun make it the root of a threaded subtree");
        using HostCgroup parent = new(Scratch);
        parent.Occupy();
        TestContainer container = Beneath(parent).Script("sleep 1000").Up();
        Assert.Equal(["domain\n", "", "domain\n"], [parent["cgroup.type"], parent["cgroup.subtree_control"].Trim(), parent[$"{container.Id}/cgroup.type"]]);
        container.Exec("/bin/true").Good();
        container.Runtime("delete", "--force", container.Id).Good();
        foreach ((string member, JsonObject limit) in ((string, JsonObject)[])[("pids", new() { ["limit"] = 5 }), ("memory", new() { ["limit"] = 64 << 20 })])
        {
            TestContainer limited = Beneath(parent).Script("true");
            limited.LinuxPart["resources"] = new JsonObject { [member] = limit };
            Assert.Contains("hint: ", limited.Run().Refused(1, $"enable controller '{member}' beneath '{parent.Path}'").Error, StringComparison.Ordinal);
            Assert.Equal("domain\n", parent["cgroup.type"]);
            Assert.False(Directory.Exists($"{parent.Path}/{limited.Id}"));
        }
    }

    [Fact]
    public void A_threaded_parent_is_refused_by_name()
    {
        RuntimeProgram.SkipUnlessOurs("runc makes the container's cgroup a threaded one, whose processes it cannot list");
        using HostCgroup parent = new(Scratch);
        Directory.CreateDirectory($"{parent.Path}/threads");
        File.WriteAllText($"{parent.Path}/threads/cgroup.type", "threaded");
        TestContainer container = Beneath(parent).Script("true");
        Assert.Contains("linux.cgroupsPath", container.Run().Refused(1, "its type is 'domain invalid'").Error, StringComparison.Ordinal);
        Assert.Equal([$"{parent.Path}/threads"], Directory.GetDirectories(parent.Path));
        Directory.Delete($"{parent.Path}/threads");
    }

    [Fact]
    public void A_cgroup_with_controllers_for_others_is_refused_by_name()
    {
        RuntimeProgram.SkipUnlessOurs("each runtime has its own words");
        using HostCgroup parent = new(Scratch);
        File.WriteAllText($"{parent.Path}/cgroup.subtree_control", "+memory");
        TestContainer container = Container().Script("true");
        container.LinuxPart["cgroupsPath"] = $"/{Path.GetFileName(parent.Path)}";
        container.Run().Refused(1, "it hands controllers on");
    }

    private TestContainer Beneath(HostCgroup parent)
    {
        TestContainer container = Container();
        container.LinuxPart["cgroupsPath"] = $"/{Path.GetFileName(parent.Path)}/{container.Id}";
        return container;
    }

    /// <summary>A cgroup at the top, with no controller for children.</summary>
    private sealed class HostCgroup(string scratch) : IDisposable
    {
        private BoundedProcess? _process;

        public string Path { get; } = Directory.CreateDirectory($"{CgroupMounts.Unified}/rundlet-test-{System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(scratch))}").FullName;

        public string this[string file] => File.ReadAllText($"{Path}/{file}");

        /// <summary>Puts a process into it.</summary>
        public void Occupy()
        {
            _process = BoundedProcess.Start($"{scratch}/occupy", ["sleep", "1000"]);
            File.WriteAllText($"{Path}/cgroup.procs", $"{_process.Pid}");
        }

        public void Dispose()
        {
            if (_process is not null)
            {
                _process.Kill();
                _process.Wait();
                _process.Dispose();
            }
            if (Directory.Exists(Path)) // a container that took it over has removed it
                Directory.Delete(Path);
        }
    }
}
