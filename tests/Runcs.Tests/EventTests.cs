using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

[SpecRow("cli.events")]
public sealed class EventTests : ContainerTest
{
    [Fact]
    public void Stats_are_one_line_with_what_the_cgroup_says()
    {
        CgroupMounts.IsLegacy("memory");
        TestContainer container = Container().Script("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo up; sleep 1000");
        container.LinuxPart["resources"] = new JsonObject { ["memory"] = new JsonObject { ["limit"] = 64 << 20 }, ["pids"] = new JsonObject { ["limit"] = 99 } };
        container.Up();
        container.AwaitText(container.OutputFile, "up");
        string line = Assert.Single(container.Runtime("events", "--stats", container.Id).Good().Lines);
        JsonNode all = JsonNode.Parse(line)!, data = all["data"]!;
        Assert.Equal(("stats", container.Id), ((string?)all["type"], (string?)all["id"]));
        Assert.Equal(64L << 20, (long)data["memory"]!["usage"]!["limit"]!);
        Assert.InRange((long)data["memory"]!["usage"]!["usage"]!, 4096, 64 << 20);
        Assert.True(data["memory"]!["raw"]!.AsObject().Count > 10);
        Assert.InRange((long)data["cpu"]!["usage"]!["total"]!, 1_000_000, 60_000_000_000);
        Assert.Equal((1, 99), ((int)data["pids"]!["current"]!, (int)data["pids"]!["limit"]!)); // the last command takes the shell's place
        foreach (string part in (string[])["cpuset", "blkio", "hugetlb", "intel_rdt"])
            Assert.NotNull(data[part]);
        if (CgroupMounts.Find("cpuset") is not null)
            Assert.Contains(0, data["cpuset"]!["cpus"]!.AsArray().Select(cpu => (int)cpu!));
    }

    [Fact]
    public void Events_come_at_the_interval_and_end_with_the_container()
    {
        TestContainer container = Container().Script("sleep 1000").Up();
        int pid = container.Pid();
        using BoundedProcess events = container.Begin("", "events", "--interval", "50ms", container.Id);
        string file = $"{container.LastOutput}.out";
        container.AwaitText(file, "\n{\"type\":\"stats\"");
        container.Runtime("kill", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        if (RuntimeProgram.IsOurs)
            events.Wait().Good();
        else
            events.Kill(); // runc goes on until the container is deleted
        Assert.True(File.ReadAllLines(file).Length >= 2);
    }

    [Fact]
    public void An_event_tells_that_memory_ran_out()
    {
        CgroupMounts.IsLegacy("memory");
        TestContainer container = Container().Script("read x < /tmp/go; head -c 200000000 /dev/zero | tail; sleep 1000");
        container.LinuxPart["resources"] = new JsonObject { ["memory"] = new JsonObject { ["limit"] = 32 << 20, ["swap"] = 32 << 20 } };
        Directory.CreateDirectory($"{Scratch}/tmp");
        Assert.Equal(0, Syscalls.Sys.mknodat(Syscalls.Sys.AT_FDCWD, $"{Scratch}/tmp/go", Syscalls.S.IFIFO | 0x180, 0));
        container.Mount("/tmp", "bind", $"{Scratch}/tmp", "bind", "rw").Up();
        using BoundedProcess events = container.Begin("", "events", "--interval", "50ms", container.Id);
        string file = $"{container.LastOutput}.out";
        container.AwaitText(file, "\"stats\""); // it watches now
        File.AppendAllText($"{Scratch}/tmp/go", "go\n");
        container.AwaitText(file, "{\"type\":\"oom\",\"id\":\"" + container.Id + "\"}");
        container.Runtime("delete", "--force", container.Id).Good();
        events.Wait().Good();
    }

    [Fact]
    public void Events_of_a_stopped_container_and_intervals_that_are_none_are_refused()
    {
        TestContainer container = Container().Script("true");
        container.Create().Good();
        int pid = container.Pid();
        container.Runtime("events", "--interval", "0s", container.Id).Refused(1, "duration interval must be greater than 0");
        if (RuntimeProgram.IsOurs)
            container.Runtime("events", "--interval", "soon", container.Id).Refused(1, "soon");
        container.Start().Good();
        container.WaitForEnd(pid);
        container.Runtime("events", "--stats", container.Id).Refused(1, "is not running");
    }
}
