using System.Text.Json.Nodes;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>Shares of cache and memory bandwidth, config-linux.md "IntelRdt", on an imitation of the kernel's resctrl.</summary>
public sealed class RdtTests : RdtTest
{
    private const string Both = """{"closID": "both", "l3CacheSchema": "L3:0=3f"}""";

    public RdtTests()
        : base("runc 1.1 and crun 1.8 are older than most of it; RdtPeerTests has the rest")
    {
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID", "linux.intelRdt.l3CacheSchema", "linux.intelRdt.memBwSchema")]
    public void Bandwidth_among_the_lines_of_the_cache_gives_way_to_its_own_member()
    {
        TestContainer container = Sharing("""{"l3CacheSchema": "L3:0=f;1=f0\nMB:0=50", "memBwSchema": "MB:0=20;1=70"}""");
        container.Create().Good();
        Assert.Equal([container.Id], Resctrl.Groups);
        Assert.Equal(["L3:0=00f;1=0f0", "MB:0=  20;1=  70"], Resctrl.Schemata(container.Id));
        Assert.Equal([container.Pid()], Resctrl.Tasks(container.Id));
        container.Start().Good();
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal([], Resctrl.Groups);
    }

    [Fact]
    [SpecRow("linux.intelRdt.schemata")]
    public void Lines_of_schemata_come_last_and_win()
    {
        TestContainer container = Sharing("""{"l3CacheSchema": "L3:0=f", "schemata": ["L3:0=ff", "MB:1=30"]}""");
        container.Create().Good();
        Assert.Equal(["L3:0=0ff;1=fff", "MB:0= 100;1=  30"], Resctrl.Schemata(container.Id));
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_group_that_exists_is_joined_and_stays()
    {
        Resctrl.Make("gold", "L3:0=f");
        TestContainer container = Sharing("""{"closID": "gold"}""");
        container.Create().Good();
        Assert.Equal([container.Pid()], Resctrl.Tasks("gold"));
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal(["gold"], Resctrl.Groups);
        Sharing("""{"closID": "gold"}""").Create().Good();
        Directory.Delete($"{Resctrl.MountPoint}/gold");
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_group_that_only_has_a_name_must_exist() =>
        Sharing("""{"closID": "nosuch"}""").Create().Refused(1, "linux.intelRdt: closID: there is no group");

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_share_that_is_named_twice_must_be_the_same_twice()
    {
        TestContainer first = Sharing("""{"closID": "silver", "l3CacheSchema": "L3:0=00f", "memBwSchema": "MB:0=15"}""");
        first.Create().Good();
        Sharing("""{"closID": "silver", "schemata": ["L3:00=F;1=fff"], "memBwSchema": "MB:0=11"}""").Create().Good();
        Sharing("""{"closID": "silver", "l3CacheSchema": "L3:0=f;1=f"}""").Create().Refused(1, "'silver' exists and has L3:1=fff in place of f");
        Sharing("""{"closID": "silver", "memBwSchema": "MB:0=21"}""").Create().Refused(1, "'silver' exists and has MB:0=20 in place of 21");
        Assert.Equal(["L3:0=00f;1=fff", "MB:0=  20;1= 100"], Resctrl.Schemata("silver"));
        Assert.Equal(2, Resctrl.Tasks("silver").Length);
        first.Runtime("delete", "--force", first.Id).Good();
        Assert.Equal(["silver"], Resctrl.Groups); // the other one is in it
        Directory.Delete($"{Resctrl.MountPoint}/silver");
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_named_group_that_the_container_had_made_goes_with_it()
    {
        TestContainer container = Sharing("""{"closID": "bronze", "l3CacheSchema": "L3:0=3"}""").Args("/bin/sleep", "1000").Up();
        int pid = container.Pid();
        container.Runtime("kill", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        container.Runtime("delete", container.Id).Good();
        Assert.Equal([], Resctrl.Groups);
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_slash_is_the_default_group()
    {
        TestContainer container = Sharing("""{"closID": "/", "enableMonitoring": true}""");
        container.Create().Good();
        Assert.Equal([], Resctrl.Groups);
        Assert.Equal([container.Pid()], Resctrl.Tasks("/"));
        Assert.Equal([container.Pid()], Resctrl.Tasks("mon_groups", container.Id));
        container.Runtime("update", "--l3-cache-schema", "L3:0=3", container.Id).Refused(1, "default group");
        Sharing("""{"closID": "/", "l3CacheSchema": "L3:0=3"}""").Create().Refused(1, "'/' exists and has L3:0=fff in place of 3");
        Assert.Equal("L3:0=fff;1=fff", Resctrl.Schemata("/")[0]);
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Empty(Directory.EnumerateDirectories($"{Resctrl.MountPoint}/mon_groups"));
    }

    [Theory]
    [InlineData("""{"l3CacheSchema": "L3:0=5"}""", "the kernel says 'The mask 5 has non-consecutive 1-bits'")]
    [InlineData("""{"closID": "x", "schemata": ["L3:0=f", "L3:0=3"]}""", "the kernel says 'Duplicate domain 0'")]
    [InlineData("""{"memBwSchema": "MB:0=5"}""", "out of range [10,100]")]
    [SpecRow("linux.intelRdt.l3CacheSchema")]
    public void What_the_kernel_refuses_is_told_in_its_words_and_leaves_nothing(string rdt, string words)
    {
        TestContainer container = Sharing(rdt);
        container.Create().Refused(1, words);
        Assert.Equal([], Resctrl.Groups);
        container.Runtime("state", container.Id).Refused(1, "does not exist");
    }

    [Theory]
    [InlineData("""{"closID": "a/b"}""", "linux.intelRdt.closID")]
    [InlineData("""{"closID": ".."}""", "linux.intelRdt.closID")]
    [InlineData("""{"closID": "info"}""", "linux.intelRdt.closID")]
    [InlineData("""{"memBwSchema": "L3:0=f"}""", "linux.intelRdt.memBwSchema")]
    [InlineData("""{"memBwSchema": "MB:0=20\nMB:1=20"}""", "linux.intelRdt.memBwSchema")]
    [InlineData("""{"l3CacheSchema": "f"}""", "linux.intelRdt.l3CacheSchema")]
    [InlineData("""{"schemata": ["L3:0=f\nL3:1=f"]}""", "linux.intelRdt.schemata")]
    [InlineData("""{"schemata": ["L2:0=f"]}""", "linux.intelRdt.schemata: this machine does not control 'L2'")]
    [SpecRow("linux.intelRdt.schemata")]
    public void What_is_no_group_or_share_is_refused_before_anything_is_made(string rdt, string words)
    {
        TestContainer container = Sharing(rdt);
        container.Create().Refused(1, words);
        Assert.False(Directory.Exists($"{container.StateRoot}/{container.Id}"));
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void When_the_processor_has_no_more_groups_that_is_said()
    {
        foreach (string name in (string[])["a", "b", "c"])
            Resctrl.Make(name);
        Sharing("{}").Create().Refused(1, "the kernel says 'Out of CLOSIDs'");
        foreach (string name in (string[])["a", "b", "c"])
            Directory.Delete($"{Resctrl.MountPoint}/{name}");
    }

    [Theory]
    [InlineData("enableMonitoring")]
    [InlineData("enableCMT")]
    [InlineData("enableMBM")]
    [SpecRow("linux.intelRdt.enableMonitoring")]
    public void A_container_is_measured_apart_from_others_of_its_group(string member)
    {
        Resctrl.Make("gold");
        TestContainer container = Sharing($$"""{"closID": "gold", "{{member}}": true}""").Args("/bin/sleep", "1000").Up();
        Assert.Equal([container.Pid()], Resctrl.Tasks("gold"));
        Assert.Equal([container.Pid()], Resctrl.Tasks("gold", "mon_groups", container.Id));
        JsonNode share = JsonNode.Parse(container.Runtime("events", "--stats", container.Id).Good().Output)!["data"]!["intel_rdt"]!;
        Assert.Equal(1100, (int)share["cmt_stats"]![0]!["llc_occupancy"]!);
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Empty(Directory.EnumerateDirectories($"{Resctrl.MountPoint}/gold/mon_groups"));
        Directory.Delete($"{Resctrl.MountPoint}/gold");
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID", "linux.intelRdt.enableMonitoring")]
    public void What_is_executed_later_joins_both_groups_before_it_runs()
    {
        TestContainer container = Sharing("""{"enableMonitoring": true}""").Args("/bin/sleep", "1000").Up();
        List<(int Task, string Program)> seen = [];
        Resctrl.OnTask = task => seen.Add((task, File.ReadAllText($"/proc/{task}/comm").Trim()));
        container.Runtime("exec", "--detach", "--pid-file", $"{Scratch}/pid", container.Id, "/bin/sleep", "1001").Good();
        int pid = int.Parse(File.ReadAllText($"{Scratch}/pid"), null);
        Assert.Equal([pid, pid], seen.Select(one => one.Task));
        Assert.DoesNotContain("sleep", seen.Select(one => one.Program));
        Assert.Contains(pid, Resctrl.Tasks(container.Id));
        Assert.Contains(pid, Resctrl.Tasks(container.Id, "mon_groups", container.Id));
    }

    [Fact]
    [SpecRow("cli.update", "linux.intelRdt.l3CacheSchema", "linux.intelRdt.memBwSchema")]
    public void An_update_changes_the_share_or_nothing_at_all()
    {
        TestContainer container = Sharing("""{"l3CacheSchema": "L3:0=f"}""").Args("/bin/sleep", "1000").Up();
        container.Runtime("update", "--l3-cache-schema", "L3:1=3", "--mem-bw-schema", "MB:0=40", container.Id).Good();
        Assert.Equal(["L3:0=00f;1=003", "MB:0=  40;1= 100"], Resctrl.Schemata(container.Id));
        string limit = TestContainer.CgroupFile(container.Pid(), "pids", "pids.max");
        string before = File.ReadAllText(limit);
        container.Runtime("update", "--pids-limit", "77", "--l3-cache-schema", "L3:1=5", container.Id).Refused(1, "non-consecutive");
        Assert.Equal(before, File.ReadAllText(limit));
        Assert.Equal("L3:0=00f;1=003", Resctrl.Schemata(container.Id)[0]);
        container.Runtime("update", "--mem-bw-schema", "40", container.Id).Refused(1, "memBwSchema");
    }

    [Fact]
    [SpecRow("cli.update", "linux.intelRdt.closID")]
    public void An_update_of_a_container_without_a_share_takes_all_its_tasks_into_a_group()
    {
        TestContainer container = Plain().Script("sleep 1000 & sleep 1000 & echo x > /tmp/up; wait").Up();
        container.AwaitText($"{container.Rootfs}/tmp/up", "x");
        Assert.Equal([], Resctrl.Groups);
        container.Runtime("update", "--l3-cache-schema", "L3:0=5", container.Id).Refused(1, "non-consecutive");
        Assert.Equal([], Resctrl.Groups);
        container.Runtime("update", "--l3-cache-schema", "L3:0=3", container.Id).Good();
        Assert.Equal("L3:0=003;1=fff", Resctrl.Schemata(container.Id)[0]);
        int[] pids = [.. JsonNode.Parse(container.Runtime("ps", "--format", "json", container.Id).Good().Output)!.AsArray().Select(pid => (int)pid!)];
        Assert.Equal(3, pids.Length);
        Assert.Equal(pids.Order(), Resctrl.Tasks(container.Id).Order());
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal([], Resctrl.Groups);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("run")]
    [SpecRow("linux.intelRdt.closID", "linux.intelRdt.enableMonitoring")]
    public void A_create_that_is_killed_with_its_group_made_leaves_it_to_delete(string command)
    {
        TestContainer container = Sharing("""{"enableMonitoring": true}""");
        container.Save();
        using ManualResetEventSlim reached = new();
        using ManualResetEventSlim go = new();
        Resctrl.OnTask = _ =>
        {
            reached.Set();
            go.Wait(BoundedProcess.Patience);
        };
        using (BoundedProcess process = container.Begin("", command, "--bundle", container.Bundle, container.Id))
        {
            Assert.True(reached.Wait(BoundedProcess.Patience));
            Assert.Equal([container.Id], Resctrl.Groups);
            Assert.Equal(0, Sys.kill(process.Pid, SIG.KILL)); // it dies when the write is answered
            Resctrl.OnTask = null;
            go.Set();
            process.Wait();
        }
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal([], Resctrl.Groups);
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void What_a_killed_runtime_has_left_is_made_anew_and_what_is_in_use_is_refused()
    {
        TestContainer container = Sharing("{}").Args("/bin/sleep", "1000");
        Resctrl.Make(container.Id, "L3:0=3");
        container.Create().Good();
        Assert.Equal("L3:0=fff;1=fff", Resctrl.Schemata(container.Id)[0]);
        TestContainer other = Sharing("{}");
        Resctrl.Make(other.Id);
        File.WriteAllText($"{Resctrl.MountPoint}/{other.Id}/tasks", $"{Environment.ProcessId}");
        other.Create().Refused(1, "is in use");
        Assert.Contains(other.Id, Resctrl.Groups);
        Directory.Delete($"{Resctrl.MountPoint}/{other.Id}");
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_container_whose_state_is_damaged_still_loses_its_group()
    {
        TestContainer container = Sharing("""{"enableMonitoring": true}""").Args("/bin/sleep", "1000").Up();
        File.WriteAllText($"{container.StateRoot}/{container.Id}/state.json", "{");
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal([], Resctrl.Groups);
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void Two_containers_that_name_a_new_group_at_once_share_it()
    {
        TestContainer[] two = [Sharing(Both), Sharing(Both)];
        foreach (TestContainer container in two)
            container.Save();
        BoundedProcess[] creates = [.. two.Select(container => container.Begin("", "create", "--bundle", container.Bundle, container.Id))];
        foreach (BoundedProcess create in creates)
        {
            create.Wait().Good();
            create.Dispose();
        }
        Assert.Equal(two.Select(container => container.Pid()).Order(), Resctrl.Tasks("both").Order());
        foreach (TestContainer container in two)
            container.Runtime("delete", "--force", container.Id).Good();
        if (Resctrl.Groups.Length > 0) // where the one that made it went first
            Directory.Delete($"{Resctrl.MountPoint}/both");
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_group_that_somebody_is_making_is_judged_when_it_has_its_share()
    {
        TestContainer container = Sharing(Both);
        container.Save();
        BoundedProcess create;
        using (OwnedFd held = FileIo.Open(Sys.AT_FDCWD, Resctrl.MountPoint, O.RDONLY | O.DIRECTORY))
        {
            LinuxException.ThrowIfError(Sys.flock(held.Value, LOCK.EX), "flock");
            Resctrl.Make("both");
            create = container.Begin("", "create", "--bundle", container.Bundle, container.Id);
            while (!create.HasEnded && !HasOpen(create.Pid, Resctrl.MountPoint))
                Thread.Yield();
            Resctrl.Make("both", "L3:0=3f");
        }
        create.Wait().Good();
        create.Dispose();
        Assert.Single(Resctrl.Tasks("both"));
        container.Runtime("delete", "--force", container.Id).Good();
        Directory.Delete($"{Resctrl.MountPoint}/both");
    }

    // Who tries to lock it has it open.
    private static bool HasOpen(int pid, string folder) =>
        Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Any(fd => new FileInfo(fd).LinkTarget == folder);

    [Fact]
    [SpecRow("linux.intelRdt")]
    public void Who_has_locked_resctrl_is_waited_for()
    {
        TestContainer container = Sharing("{}");
        container.Save();
        using ManualResetEventSlim looked = new();
        Resctrl.OnLook = looked.Set;
        BoundedProcess create;
        using (OwnedFd held = FileIo.Open(Sys.AT_FDCWD, Resctrl.MountPoint, O.RDONLY | O.DIRECTORY))
        {
            LinuxException.ThrowIfError(Sys.flock(held.Value, LOCK.EX), "flock");
            create = container.Begin("", "create", "--bundle", container.Bundle, container.Id);
            Assert.True(looked.Wait(BoundedProcess.Patience));
            Assert.Equal([], Resctrl.Groups);
        }
        create.Wait().Good();
        create.Dispose();
        Assert.Equal([container.Id], Resctrl.Groups);
    }

    [Fact]
    [SpecRow("linux.intelRdt")]
    public void A_container_without_the_member_never_touchesResctrl()
    {
        TestContainer container = Plain().Args("/bin/sleep", "1000").Up();
        container.Exec("/bin/true").Good();
        container.Runtime("events", "--stats", container.Id).Good();
        Assert.Equal(0, Resctrl.Requests);
    }
}
