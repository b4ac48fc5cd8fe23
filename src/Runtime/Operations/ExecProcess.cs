using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Starts one more process in a running container, which may be hostile: the new process cannot be traced from inside
/// before execve, has no fd of the host but its stdio, and opens nothing of the container by name but what it executes.
///
///   parent                            child
///   setns(pid) for its children
///   clone3 into cgroup2 ------------> reset signals, untraceable, into the cgroups of v1
///                                     setns of all other namespaces at once, by pidfd
///                                     (where only the child may enter the pid namespace: of all, and clone a sibling in there)
///                                     terminal, ids, filter, executable
///   &lt;-- end of file ---------------- execve
/// </summary>
public static class ExecProcess
{
    /// <summary>Starts the process and waits for its execve.</summary>
    /// <exception cref="ContainerException">It cannot be executed, or a step failed.</exception>
    public static StartedProcess Run(ExecRequest request)
    {
        SpecValidator.ValidateProcess(request.Process);
        CapabilityTable.WarnOfUnknown(request.Process.Capabilities, request.Warn);
        byte[]? filter = SeccompPlan.Compile(request.Spec.Linux?.Seccomp, out uint flags);
        using VerifiedProcfs? proc = ProcessLabels.Open(request.Process);
        (int Parent, int Child) line = InitProcess.OpenLine();
        InitPlanBlock planned;
        Stops stops;
        try
        {
            planned = Plan(request, line.Child, proc?.Fd ?? -1, filter, flags, out stops);
        }
        catch
        {
            InitProcess.CloseLine(line);
            throw;
        }
        using InitPlanBlock block = planned;
        try
        {
            using InitProcess process = Clone(request, block, line);
            using InitProcess successor = ClonesAgain(request.Spec) ? Successor(request, block, process) : process;
            return Follow(request, block, successor, stops);
        }
        catch (LinuxException failed)
        {
            throw new ContainerException(CreateContainer.KindOf(failed.Errno), "exec in the container", failed);
        }
    }

    // Where the child waits for the parent: the ops, or -1.
    private readonly record struct Stops(int Ready, bool Schedules, int Listener);

    private static InitPlanBlock Plan(ExecRequest request, int line, int labelProc, byte[]? filter, uint flags, out Stops stops)
    {
        InitPlanBuilder plan = new(ops: 128);
        bool userNamespace = (NamespaceTable.FlagsOf(request.Spec.Linux?.Namespaces) & CLONE.NEWUSER) != 0;
        ProcessPlanner steps = new(plan, request.Process)
        {
            SeccompFlags = flags,
            Container = request.Spec.Linux,
            ParentSchedules = userNamespace && Sys.geteuid() == 0,
            SeccompLine = line,
            LabelProc = labelProc,
            CapabilityLimit = userNamespace ? ulong.MaxValue : CapabilityTable.Permitted(),
        };
        plan.Add("reset the signals", OpCode.ResetSignals, null, 0, null, null, []);
        steps.PlanLabels();
        steps.PlanOomScore();
        plan.Call("become untraceable", SYS.prctl, PR.SET_DUMPABLE, 0);
        if (request.Cgroup is { } cgroup && Sys.geteuid() == 0)
            plan.JoinCgroups(cgroup.TaskFiles);
        steps.PlanFinalAffinity();
        ulong join = NamespaceTable.FlagsOf(request.Spec.Linux?.Namespaces);
        bool clonesAgain = ClonesAgain(request.Spec);
        plan.Call("join the container's namespaces", SYS.setns, request.InitPidfd.Value, (long)(clonesAgain ? join : join & ~CLONE.NEWPID));
        if (clonesAgain)
        {
            ClosePrivate(plan, request, line);
            steps.CloneSuccessor(0, line);
        }
        plan.Call("lead a session", SYS.setsid);
        if (userNamespace)
        {
            plan.BecomeRootOfUserNamespace();
        }
        if (request.Keyring is { } keyring)
            steps.PlanKeyring(keyring);
        if (request.Process.Terminal)
        {
            PlanSlot root = plan.Slot();
            plan.Call("open the root", root, SYS.openat, Sys.AT_FDCWD, plan.Text("/"), O.PATH | O.CLOEXEC);
            (PlanSlot master, PlanSlot slave) = steps.OpenTerminal(root, "/dev/pts/ptmx");
            steps.HandOverTerminal(master, slave, line);
        }
        else if (request.Stdio is { } stdio)
        {
            steps.ReplaceStdio(stdio);
        }
        steps.Prepare(filter);
        steps.CloseFds(request.PreserveFds);
        int ready = -1;
        if (steps.AwaitsScheduling || request.EnterRdt is not null)
        {
            ready = plan.Checkpoint("get ready");
            plan.Await("wait for the scheduler", line);
        }
        steps.LoadEarlyFilter();
        if (steps.ListenerOp >= 0)
            plan.Await("wait until the seccomp listener was told", line);
        stops = new Stops(ready, steps.AwaitsScheduling, steps.ListenerOp);
        steps.Execute();
        return plan.Build(line);
    }

    // The right to enter the pid namespace is only had in the user namespace, where the child goes and the parent cannot. And where
    // the container may trace, it sees the fds of a process from its first moment in there: only one that has none goes in.
    private static bool ClonesAgain(Spec spec)
    {
        ulong flags = NamespaceTable.FlagsOf(spec.Linux?.Namespaces);
        if ((flags & CLONE.NEWPID) == 0)
            return false;
        return (flags & CLONE.NEWUSER) != 0 ? Sys.geteuid() != 0 : MayTrace(spec.Process?.Capabilities);
    }

    private static bool MayTrace(Capabilities? sets) =>
        sets is not null && (Has(sets.Bounding) || Has(sets.Effective) || Has(sets.Permitted) || Has(sets.Inheritable) || Has(sets.Ambient));

    private static bool Has(List<string>? names) => names?.Contains("CAP_SYS_PTRACE") ?? false;

    // Folders of the host above all: all but stdio, what the program inherits, and the line.
    private static void ClosePrivate(InitPlanBuilder plan, ExecRequest request, int line)
    {
        List<int> kept = [line];
        for (int fd = 0; fd < 3 + request.PreserveFds; fd++)
            kept.Add(fd);
        kept.AddRange(request.Stdio ?? []);
        kept.Sort();
        int next = 0;
        foreach (int fd in kept)
        {
            if (fd > next)
                plan.Call("close inherited files", SYS.close_range, next, fd - 1, 0);
            next = fd + 1;
        }
        plan.Call("close inherited files", SYS.close_range, next, uint.MaxValue, 0);
    }

    private static InitProcess Clone(ExecRequest request, InitPlanBlock block, (int Parent, int Child) line)
    {
        OwnedFd? folder = null;
        byte[]? processors;
        try
        {
            folder = request.Cgroup?.OpenUnified();
            processors = Scheduling.EnterInitial(request.Process.ExecCpuAffinity);
        }
        catch
        {
            folder?.Dispose();
            InitProcess.CloseLine(line);
            throw;
        }
        using OwnedFd? unified = folder;
        try
        {
            return CloneInto(request, block, line, unified?.Value ?? -1);
        }
        catch (LinuxException refused) when (unified is not null && request.Cgroup!.WhyClosed(refused) is { } why)
        {
            throw new ContainerException(why.Kind, "exec in the container", why);
        }
        finally
        {
            Scheduling.Leave(processors);
        }
    }

    private static InitProcess CloneInto(ExecRequest request, InitPlanBlock block, (int Parent, int Child) line, int folder)
    {
        // A container that has cgroups of its own, beneath the one that it was given, may have left none but those for processes.
        int Beneath(Errno error) => error == Errno.EBUSY && request.Cgroup?.TryOpenBeneath(request.InitPid) is { } own ? own.Release() : -1;

        CloneOptions options = new() { CgroupFd = folder >= 0 ? folder : null, Elsewhere = Beneath, SharesMemory = request.SharesMemory && MayShare(request.Spec) };
        if ((NamespaceTable.FlagsOf(request.Spec.Linux?.Namespaces) & CLONE.NEWPID) == 0 || ClonesAgain(request.Spec))
            return InitProcess.Start(block, 0, line, options);
        return request.ClonesNoMore
            ? PidNamespaceSwitch.CloneLast(request.InitPidfd.Value, block, 0, line, options)
            : PidNamespaceSwitch.Clone(request.InitPidfd.Value, block, 0, line, options);
    }

    // The memory is the host's: nobody in the container may trace its user. With a user namespace of its own nobody in there can,
    // whatever capabilities they have in it. A time namespace is only joined by who shares nothing.
    private static bool MayShare(Spec spec)
    {
        ulong flags = NamespaceTable.FlagsOf(spec.Linux?.Namespaces);
        bool mayBeTraced = (flags & CLONE.NEWUSER) == 0 && MayTrace(spec.Process?.Capabilities);
        return !mayBeTraced && !ClonesAgain(spec) && (flags & CLONE.NEWTIME) == 0 && FirstProcess.LeavesRoom(spec);
    }

    private static void TellListener(ExecRequest request, InitProcess process, int fd)
    {
        using OwnedFd listener = new(fd);
        ContainerState state = request.State ?? throw new ContainerException(ContainerErrorKind.Unsupported, "exec: a seccomp filter that notifies needs the container's state");
        SeccompListener.Tell(request.Spec.Linux!.Seccomp!, listener, process.Pid, state);
        process.Release();
    }

    private static InitProcess Successor(ExecRequest request, InitPlanBlock block, InitProcess process)
    {
        using OwnedFd pidfd = new(process.Pidfd);
        if (process.AwaitSuccessor(out ChildEvent end) is { } successor)
            return successor;
        _ = Sys.pidfd_send_signal(pidfd.Value, SIG.KILL); // ignored: it may have ended by itself
        _ = Sys.waitid(P.PIDFD, pidfd.Value, out _, W.EXITED); // ignored: the failure is the one to tell
        throw end.Kind == ChildEventKind.Failed
            ? ChildFailure.Of(block, end, request.Process)
            : new ContainerException(ContainerErrorKind.Internal, "exec in the container: the process was killed while it was set up");
    }

    private static StartedProcess Follow(ExecRequest request, InitPlanBlock block, InitProcess process, Stops stops)
    {
        OwnedFd pidfd = new(process.Pidfd);
        OwnedFd? terminal = null;
        try
        {
            while (true)
            {
                ChildEvent next = process.Next(out int fd);
                if (fd >= 0 && next.Op == stops.Listener)
                    TellListener(request, process, fd);
                else if (fd >= 0)
                    terminal = new OwnedFd(fd);
                if (next.Kind == ChildEventKind.Failed)
                    throw ChildFailure.Of(block, next, request.Process);
                if (next.Kind == ChildEventKind.Closed)
                    return new StartedProcess { Pid = process.Pid, Pidfd = pidfd, Terminal = terminal };
                if (next.Op == stops.Ready)
                {
                    request.EnterRdt?.Invoke(process.Pid);
                    if (stops.Schedules)
                        Scheduling.Apply(process.Pid, request.Process);
                    process.Release();
                }
            }
        }
        catch
        {
            _ = Sys.pidfd_send_signal(pidfd.Value, SIG.KILL); // ignored: it may have ended by itself
            int answer;
            do
                answer = Sys.waitid(P.PIDFD, pidfd.Value, out _, W.EXITED);
            while (Sys.Is(answer, Errno.EINTR));
            pidfd.Dispose();
            terminal?.Dispose();
            throw;
        }
    }
}
