using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>What a spec seldom asks for: each part adds its ops only where it is asked for.</summary>
internal sealed partial class ProcessPlanner
{
    private const string Name = "HOME=";
    private const int MaxHome = 1024;
    private PlanData? _home;
    private PlanData? _listenPid;

    /// <summary>The <c>linux</c> object of the container, whose personality and memory policy all of its processes have; null for none.</summary>
    public LinuxSpec? Container { get; init; }

    /// <summary>
    /// Whether the parent sets scheduling attributes, at the checkpoint "get ready": in a user namespace the child has no right to.
    /// </summary>
    public bool ParentSchedules { get; init; }

    /// <summary>Whether the process has scheduling attributes that the parent has to set.</summary>
    public bool AwaitsScheduling => ParentSchedules && (process.Scheduler is not null || process.IoPriority is not null);

    /// <summary>
    /// Sets the score of the process by its own file, before it becomes untraceable and the file root's: for callers who
    /// are not root, and for exec. Without CAP_SYS_RESOURCE a lower score than the caller's own stays the caller's own.
    /// </summary>
    public void PlanOomScore()
    {
        if (process.OomScoreAdj is not { } score)
            return;
        PlanData text = plan.Text(score.ToString(System.Globalization.CultureInfo.InvariantCulture));
        PlanSlot file = plan.Slot();
        plan.Call("open /proc/self/oom_score_adj", file, SYS.openat, Sys.AT_FDCWD, plan.Text("/proc/self/oom_score_adj"), O.WRONLY | O.CLOEXEC);
        plan.Call($"set the oom score {score}", null, new Tolerated(Errno.EACCES), new Tolerated(Errno.EPERM), SYS.write, file, text, System.Text.Encoding.UTF8.GetByteCount($"{score}"));
        plan.Call("close", SYS.close, file);
    }

    /// <summary>The processors of a process that is executed in a container: those of <c>execCPUAffinity.final</c>, else all that the cgroup allows.</summary>
    public void PlanFinalAffinity()
    {
        if (process.ExecCpuAffinity is not { } affinity)
            return;
        byte[] mask = NumberSet.Parse(affinity.Final ?? "", "process.execCPUAffinity.final");
        if (mask.Length == 0)
        {
            // The caller's own, and "initial", must not stay: the kernel cuts this down to the cpuset.
            mask = new byte[NumberSet.Limit / 8];
            mask.AsSpan().Fill(0xFF);
        }
        plan.Call("process.execCPUAffinity.final", SYS.sched_setaffinity, 0, mask.Length, plan.Data(mask));
    }

    // As root and before the filter and the loss of capabilities.
    private void PlanAttributes()
    {
        if (Container?.MemoryPolicy is { } policy)
        {
            MemoryPolicyPlan memory = MemoryPolicyPlan.Of(policy);
            // One more than the number of bits: get_nodes() of mm/mempolicy.c takes the count for an exclusive end.
            PlanArg nodes = memory.Nodes.Length == 0 ? 0 : plan.Data(memory.Nodes);
            plan.Call($"set the memory policy {policy.Mode}", SYS.set_mempolicy, memory.Mode, nodes, memory.Nodes.Length == 0 ? 0 : memory.Nodes.Length * 8 + 1);
        }
        if (Container?.Personality is { } personality)
            plan.Call($"set the personality {personality.Domain}", SYS.personality, PersonalityOf(personality));
        PlanHome();
        if (ParentSchedules)
            return;
        if (process.IoPriority is { } io)
            plan.Call($"set the I/O priority {io.Class} {io.Priority}", SYS.ioprio_set, IOPRIO.WHO_PROCESS, 0, SchedulerPlan.NumberOf(io));
        if (process.Scheduler is { } scheduler)
            plan.Call($"set the scheduler {scheduler.Policy}", SYS.sched_setattr, 0, plan.Struct(SchedulerPlan.AttributesOf(scheduler)), 0);
    }

    /// <summary>The number of an execution domain.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>.</exception>
    public static uint PersonalityOf(Personality personality)
    {
        if (personality.Flags is { Count: > 0 } flags)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.personality.flags: the specification knows none, not '{flags[0]}' either");
        return personality.Domain switch
        {
            "LINUX" => PER.LINUX,
            "LINUX32" => PER.LINUX32,
            _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.personality.domain has the unknown value '{personality.Domain}'"),
        };
    }

    // Engines say HOME as a rule. Where it is missing or empty, it is what the container's own passwd says, which only the
    // child can see: a mount may lie over it.
    private void PlanHome()
    {
        foreach (string variable in _variables)
        {
            if (variable.StartsWith(Name, StringComparison.Ordinal) && variable.Length > Name.Length)
                return;
        }
        byte[] room = new byte[Name.Length + MaxHome];
        System.Text.Encoding.ASCII.GetBytes($"{Name}/", room);
        PlanData data = plan.Data(room);
        _home = data;
        plan.Add("look up HOME", OpCode.FindHome, null, 0, null, null, [plan.Text("/etc/passwd"), process.User.Uid, new PlanData(data.Offset + Name.Length), MaxHome]);
    }

    /// <summary>Gives the program its own pid as <c>LISTEN_PID</c>, sd_listen_fds(3): only the process itself knows it before its start.</summary>
    public void TellPid()
    {
        const string Variable = "LISTEN_PID=";
        const int Digits = 12;
        byte[] room = new byte[Variable.Length + Digits];
        System.Text.Encoding.ASCII.GetBytes(Variable, room);
        PlanData data = plan.Data(room);
        _listenPid = data;
        plan.Add("tell the process its pid", OpCode.WritePid, null, 0, null, null, [new PlanData(data.Offset + Variable.Length)]);
    }

    private PlanData Environment()
    {
        List<string> all = _variables;
        if (_listenPid is { } pid)
        {
            PlanData told = HomeEnvironment([.. all, ""]);
            plan.Pointer(told, all.Count * sizeof(long), pid); // written last, it stands
            return told;
        }
        return HomeEnvironment(all);
    }

    // Of two variables of one name getenv(3) takes the first, shells take the last. The last counts, as with runc: engines append.
    private static List<string> LastOfEach(List<string>? all)
    {
        if (all is not { Count: > 1 })
            return all ?? [];
        HashSet<string> names = new(all.Count);
        List<string> last = new(all.Count);
        for (int i = all.Count - 1; i >= 0; i--)
        {
            int equals = all[i].IndexOf('=');
            if (names.Add(equals < 0 ? all[i] : all[i][..equals]))
                last.Add(all[i]);
        }
        if (last.Count == all.Count)
            return all;
        last.Reverse();
        return last;
    }

    private PlanData HomeEnvironment(List<string> all)
    {
        if (_home is not { } home)
            return plan.Vector(all);
        List<string> rest = new(all.Count + 1);
        foreach (string variable in all)
        {
            if (variable != Name)
                rest.Add(variable);
        }
        rest.Add("");
        PlanData vector = plan.Vector(rest);
        plan.Pointer(vector, (rest.Count - 1) * sizeof(long), home); // written last, it stands
        return vector;
    }
}
