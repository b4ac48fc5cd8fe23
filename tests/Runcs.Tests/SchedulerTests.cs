using System.Globalization;
using System.Text.Json.Nodes;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>How the processes of a container are scheduled: seen from the host, in the kernel's own files.</summary>
public sealed class SchedulerTests : ContainerTest
{
    private const int NiceField = 19; // of proc_pid_stat(5)
    private const int PriorityField = 40;
    private const int PolicyField = 41;

    [Theory]
    [InlineData("SCHED_OTHER", 7, 0)]
    [InlineData("SCHED_BATCH", 5, 3)]
    [InlineData("SCHED_IDLE", null, 5)]
    [SpecRow("process.scheduler.policy", "process.scheduler.nice")]
    public void The_scheduler_of_the_spec_is_set(string policy, int? nice, int number)
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container().Script("sleep 1000");
        container.Process["scheduler"] = new JsonObject { ["policy"] = policy, ["nice"] = nice };
        int pid = container.Up().Pid();
        Assert.Equal(number, Stat(pid, PolicyField));
        if (nice is { } wanted)
            Assert.Equal(wanted, Stat(pid, NiceField));
    }

    [Fact]
    public void The_scheduler_is_set_before_the_container_is_started()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container();
        container.Process["scheduler"] = new JsonObject { ["policy"] = "SCHED_BATCH", ["nice"] = 11 };
        container.Create().Good();
        Assert.Equal(11, Stat(container.Pid(), NiceField));
    }

    [Fact]
    [SpecRow("process.scheduler.priority", "process.scheduler.flags")]
    public void A_realtime_policy_is_set_also_in_a_user_namespace_that_has_no_right_to()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container().Namespace("user").Script("sleep 1000");
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        container.Process["scheduler"] = new JsonObject { ["policy"] = "SCHED_RR", ["priority"] = 3, ["flags"] = TestContainer.Texts("SCHED_FLAG_RESET_ON_FORK") };
        if (CgroupMounts.IsLegacy("cpu"))
            container.LinuxPart["resources"] = new JsonObject { ["cpu"] = new JsonObject { ["realtimePeriod"] = 1000000, ["realtimeRuntime"] = 1000 } };
        Finished created = container.Create();
        if (created.Error.Contains("realtime", StringComparison.Ordinal))
            Assert.Skip("the cgroup above has no realtime runtime to give");
        created.Good();
        Assert.Equal(2, Stat(container.Pid(), PolicyField));
        Assert.Equal(3, Stat(container.Pid(), PriorityField));
    }

    [Theory]
    [InlineData("IOPRIO_CLASS_BE", 6, 2)]
    [InlineData("IOPRIO_CLASS_IDLE", 0, 3)]
    [InlineData("IOPRIO_CLASS_RT", 1, 1)]
    [SpecRow("process.ioPriority")]
    public void The_io_priority_of_the_spec_is_set(string name, int priority, int number)
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.1.8 and crun before 1.8.5 know no ioPriority");
        TestContainer container = Container().Script("sleep 1000");
        container.Process["ioPriority"] = new JsonObject { ["class"] = name, ["priority"] = priority };
        Assert.Equal(number << IOPRIO.CLASS_SHIFT | priority, IoPriorityOf(container.Up().Pid()));
    }

    [Fact]
    public void A_process_that_is_executed_has_what_its_own_json_says()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container().Script("sleep 1000").Up();
        JsonObject process = ProcessJson("sleep 1000");
        process["scheduler"] = new JsonObject { ["policy"] = "SCHED_BATCH", ["nice"] = 9 };
        process["ioPriority"] = new JsonObject { ["class"] = "IOPRIO_CLASS_BE", ["priority"] = 2 };
        process["oomScoreAdj"] = 321;
        int pid = Execute(container, process);
        Assert.Equal(3, Stat(pid, PolicyField));
        Assert.Equal(9, Stat(pid, NiceField));
        Assert.Equal(IOPRIO.CLASS_BE << IOPRIO.CLASS_SHIFT | 2, IoPriorityOf(pid));
        Assert.Equal("321", File.ReadAllText($"/proc/{pid}/oom_score_adj").Trim());
    }

    [Fact]
    public void A_process_that_is_executed_in_a_user_namespace_gets_a_policy_that_only_the_host_can_give()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container().Namespace("user").Script("sleep 1000");
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        container.Up();
        JsonObject process = ProcessJson("sleep 1000");
        process["scheduler"] = new JsonObject { ["policy"] = "SCHED_OTHER", ["nice"] = -7 };
        Assert.Equal(-7, Stat(Execute(container, process), NiceField));
    }

    [Fact]
    public void Exec_without_json_takes_the_containers_scheduler()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container().Script("sleep 1000");
        container.Process["scheduler"] = new JsonObject { ["policy"] = "SCHED_BATCH", ["nice"] = 4 };
        container.Up();
        Assert.Equal("4", container.Exec("/bin/sh", "-c", "cut -d' ' -f19 /proc/self/stat").Good().Output.Trim());
    }

    [Fact]
    [SpecRow("process.execCPUAffinity.final")]
    public void The_final_processors_of_an_executed_process_are_set_and_those_of_the_container_are_not()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun know no execCPUAffinity");
        SkipUnlessTwoProcessors();
        TestContainer container = Container().Script("sleep 1000");
        container.Process["execCPUAffinity"] = new JsonObject { ["initial"] = "0", ["final"] = "1" };
        int pid = container.Up().Pid();
        Assert.Equal(ProcessorsOf(Environment.ProcessId), ProcessorsOf(pid));
        Assert.Equal("1", container.Exec("grep", "Cpus_allowed_list", "/proc/self/status").Good().Output.Split('\t')[1].Trim());
    }

    [Fact]
    [SpecRow("process.execCPUAffinity.initial")]
    public void With_initial_processors_alone_an_executed_process_ends_on_all_of_the_container()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun know no execCPUAffinity");
        SkipUnlessTwoProcessors();
        TestContainer container = Container().Script("sleep 1000").Up();
        JsonObject process = ProcessJson("sleep 1000");
        process["execCPUAffinity"] = new JsonObject { ["initial"] = "0" };
        Assert.Equal(ProcessorsOf(container.Pid()), ProcessorsOf(Execute(container, process)));
    }

    [Fact]
    [SpecRow("process.scheduler.deadline")]
    public void A_deadline_is_set()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container().Script("exec sleep 1000");
        container.Process["scheduler"] = new JsonObject { ["policy"] = "SCHED_DEADLINE", ["runtime"] = 1000000, ["deadline"] = 900000000, ["period"] = 1000000000 };
        Assert.Equal(6, Stat(container.Up().Pid(), PolicyField));
    }

    [Theory]
    [InlineData("scheduler", """{"policy":"SCHED_MOON"}""", "SCHED_MOON")]
    [InlineData("scheduler", """{"policy":"SCHED_ISO"}""", "SCHED_ISO")]
    [InlineData("scheduler", """{"policy":"SCHED_OTHER","nice":20}""", "nice")]
    [InlineData("scheduler", """{"policy":"SCHED_OTHER","priority":5}""", "priority")]
    [InlineData("scheduler", """{"policy":"SCHED_FIFO","priority":100}""", "priority")]
    [InlineData("scheduler", """{"policy":"SCHED_RR","priority":5,"runtime":5}""", "SCHED_DEADLINE")]
    [InlineData("scheduler", """{"policy":"SCHED_OTHER","flags":["SCHED_FLAG_NONE"]}""", "SCHED_FLAG_NONE")]
    [InlineData("scheduler", """{"policy":"SCHED_DEADLINE","runtime":9,"deadline":5,"period":5}""", "SCHED_DEADLINE")]
    [InlineData("ioPriority", """{"class":"IOPRIO_CLASS_NONE","priority":0}""", "IOPRIO_CLASS_NONE")]
    [InlineData("ioPriority", """{"class":"IOPRIO_CLASS_BE","priority":8}""", "priority")]
    [InlineData("execCPUAffinity", """{"initial":"2-1"}""", "initial")]
    [InlineData("execCPUAffinity", """{"final":"0,x"}""", "final")]
    public void What_makes_no_sense_is_refused(string member, string value, string text)
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun before 1.8.5 know no scheduler");
        TestContainer container = Container();
        container.Process[member] = JsonNode.Parse(value);
        container.Run().Refused(1, text);
    }

    [Fact]
    public void Processors_that_the_machine_does_not_have_fail_the_exec_and_leave_the_container()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun know no execCPUAffinity");
        TestContainer container = Container().Script("sleep 1000").Up();
        JsonObject process = ProcessJson("true");
        process["execCPUAffinity"] = new JsonObject { ["initial"] = "8000" };
        File.WriteAllText($"{Scratch}/process.json", process.ToJsonString());
        container.Runtime("exec", "--process", $"{Scratch}/process.json", container.Id).Refused(255, "execCPUAffinity.initial");
        Assert.Equal("running", container.Status());
    }

    private static JsonObject ProcessJson(string script) => new()
    {
        ["args"] = TestContainer.Texts("/bin/sh", "-c", script),
        ["cwd"] = "/",
        ["env"] = TestContainer.Texts("PATH=/bin"),
        ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
    };

    private int Execute(TestContainer container, JsonObject process)
    {
        File.WriteAllText($"{Scratch}/process.json", process.ToJsonString());
        container.Runtime("exec", "--detach", "--pid-file", $"{Scratch}/pid", "--process", $"{Scratch}/process.json", container.Id).Good();
        return int.Parse(File.ReadAllText($"{Scratch}/pid"), CultureInfo.InvariantCulture);
    }

    private static long Stat(int pid, int field)
    {
        string text = File.ReadAllText($"/proc/{pid}/stat");
        return long.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[field - 3], CultureInfo.InvariantCulture);
    }

    private static int IoPriorityOf(int pid) => (int)Sys.Call(SYS.ioprio_get, IOPRIO.WHO_PROCESS, pid);

    private static string ProcessorsOf(int pid) => File.ReadAllLines($"/proc/{pid}/status").Single(line => line.StartsWith("Cpus_allowed_list", StringComparison.Ordinal)).Split('\t')[1];

    private static void SkipUnlessTwoProcessors()
    {
        if (ProcessorsOf(Environment.ProcessId) is "0" or "1")
            Assert.Skip("needs two processors");
    }
}
