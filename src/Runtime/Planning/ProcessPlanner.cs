using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>The last part of a plan, the same for a container's first process and for one that is executed in it later.</summary>
internal sealed partial class ProcessPlanner(InitPlanBuilder plan, Process process)
{
    private readonly PlanData _empty = plan.Text("");
    private readonly List<string> _variables = LastOfEach(process.Env);
    private PlanSlot? _proc;

    /// <summary>A procfs of the child's pid namespace that is mounted nowhere; made once.</summary>
    public PlanSlot PrivateProc()
    {
        if (_proc is { } made)
            return made;
        PlanSlot context = plan.Slot();
        PlanSlot mount = plan.Slot();
        plan.Call("open a private procfs", context, SYS.fsopen, plan.Text("proc"), MOUNT.FSOPEN_CLOEXEC);
        plan.Call("create a private procfs", SYS.fsconfig, context, MOUNT.FSCONFIG_CMD_CREATE, 0, 0, 0);
        plan.Call("mount a private procfs", mount, SYS.fsmount, context, MOUNT.FSMOUNT_CLOEXEC, (long)(MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC));
        plan.Call("close", SYS.close, context);
        _proc = mount;
        return mount;
    }

    /// <summary>Limits, ids, capabilities, working folder, and the executable.</summary>
    /// <param name="seccomp">The filter, for <see cref="LoadEarlyFilter"/> or <see cref="Execute"/>.</param>
    public void Prepare(byte[]? seccomp)
    {
        _seccomp = seccomp;
        PlanLimits();
        PlanAttributes();
        if (process.NoNewPrivileges)
            plan.Call("set no_new_privs", SYS.prctl, PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        // As the runtime first, which may pass where the user may not; where it may not either (NFS), as the user.
        PlanSlot entered = plan.Slot();
        PlanData folder = plan.Text(process.Cwd);
        plan.Call($"enter the working folder '{process.Cwd}'", entered, new Tolerated(Errno.EACCES), SYS.chdir, folder);
        PlanIdentity();
        PlanLabel inFolder = plan.Label();
        plan.JumpIfSet(entered, inFolder);
        plan.Call($"enter the working folder '{process.Cwd}'", SYS.chdir, folder);
        plan.Place(inFolder);
        plan.Add("check the working folder", OpCode.CheckWorkingDirectory, null, 0, null, null, []);
        PlanExecutable();
    }

    /// <summary>Puts other fds in the places of stdin, stdout and stderr.</summary>
    public void ReplaceStdio(IReadOnlyList<int> stdio)
    {
        for (int i = 0; i < 3; i++)
        {
            if (stdio[i] == i)
                plan.Call("keep stdio open", SYS.fcntl, i, F.SETFD, 0);
            else
                plan.Call("set up stdio", SYS.dup3, stdio[i], i, 0);
        }
    }

    /// <summary>All fds but stdio and the preserved ones are closed by execve, whoever opened them.</summary>
    public void CloseFds(int preserve) =>
        plan.Call("close inherited files", SYS.close_range, 3 + preserve, uint.MaxValue, CLOSE_RANGE.CLOEXEC);

    /// <summary>The filter, where it was not loaded before, and execve.</summary>
    /// <param name="blockedSignals">What the program starts with blocked; bit N-1 is signal N.</param>
    public void Execute(ulong blockedSignals = 0)
    {
        if (blockedSignals != 0)
            plan.Call("block signals", SYS.rt_sigprocmask, SIG_HOW.SETMASK, plan.Struct(blockedSignals), 0, sizeof(ulong));
        if (process.NoNewPrivileges && !Notifies)
            PlanSeccomp();
        plan.Add($"exec '{process.Args![0]}'", OpCode.Execute, null, 0, null, null, [_candidates, plan.Vector(process.Args!), Environment()]);
    }

    private void PlanLimits()
    {
        foreach (Rlimit limit in process.Rlimits ?? [])
        {
            int resource = RlimitTable.NumberOf(limit.Type);
            rlimit64 wanted = RlimitClamp.ToPossible(resource, limit.Soft, limit.Hard);
            plan.Call($"set {limit.Type}", SYS.prlimit64, 0, resource, plan.Struct(wanted), 0);
        }
    }
}
