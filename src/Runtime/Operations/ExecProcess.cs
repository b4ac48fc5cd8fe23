using Rundlet.Init;
using Rundlet.Linux;
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
        byte[]? filter = SeccompPlan.Compile(request.Spec.Linux?.Seccomp, out uint flags);
        (int Parent, int Child) line = InitProcess.OpenLine();
        using InitPlanBlock block = Plan(request, line.Child, filter, flags, out int ready, out int listenerOp);
        try
        {
            using InitProcess process = Clone(request, block, line);
            return Follow(request, block, process, ready, listenerOp);
        }
        catch (LinuxException failed)
        {
            throw new ContainerException(CreateContainer.KindOf(failed.Errno), "exec in the container", failed);
        }
    }

    private static InitPlanBlock Plan(ExecRequest request, int line, byte[]? filter, uint flags, out int ready, out int listenerOp)
    {
        InitPlanBuilder plan = new();
        bool userNamespace = (NamespaceTable.FlagsOf(request.Spec.Linux?.Namespaces) & CLONE.NEWUSER) != 0;
        ProcessPlanner steps = new(plan, request.Process)
        {
            SeccompFlags = flags,
            Container = request.Spec.Linux,
            ParentSchedules = userNamespace && Sys.geteuid() == 0,
            SeccompLine = line,
            CapabilityLimit = userNamespace ? ulong.MaxValue : CapabilityTable.Permitted(),
        };
        plan.Add("reset the signals", OpCode.ResetSignals, null, 0, null, null, []);
        steps.PlanOomScore();
        plan.Call("become untraceable", SYS.prctl, PR.SET_DUMPABLE, 0);
        plan.Call("lead a session", SYS.setsid);
        if (request.Cgroup is { } cgroup && Sys.geteuid() == 0)
            steps.JoinCgroup(cgroup.TaskFiles);
        steps.PlanFinalAffinity();
        ulong join = NamespaceTable.FlagsOf(request.Spec.Linux?.Namespaces) & ~CLONE.NEWPID;
        plan.Call("join the container's namespaces", SYS.setns, request.InitPidfd.Value, (long)join);
        if (userNamespace)
        {
            plan.Call("become group 0 of the user namespace", null, new Tolerated(Errno.EINVAL), SYS.setresgid, 0, 0, 0);
            plan.Call("become user 0 of the user namespace", null, new Tolerated(Errno.EINVAL), SYS.setresuid, 0, 0, 0);
        }
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
        steps.LoadNotifyingFilter();
        if (steps.ListenerOp >= 0)
            plan.Await("wait until the seccomp listener was told", line);
        listenerOp = steps.ListenerOp;
        ready = -1;
        if (steps.AwaitsScheduling)
        {
            ready = plan.Checkpoint("get ready");
            plan.Await("wait for the scheduler", line);
        }
        steps.Execute();
        return plan.Build(line);
    }

    private static InitProcess Clone(ExecRequest request, InitPlanBlock block, (int Parent, int Child) line)
    {
        using OwnedFd? unified = request.Cgroup?.OpenUnified();
        byte[]? processors = Scheduling.EnterInitial(request.Process.ExecCpuAffinity);
        try
        {
            return CloneInto(request, block, line, unified?.Value ?? -1);
        }
        finally
        {
            Scheduling.Leave(processors);
        }
    }

    private static InitProcess CloneInto(ExecRequest request, InitPlanBlock block, (int Parent, int Child) line, int folder)
    {
        if ((NamespaceTable.FlagsOf(request.Spec.Linux?.Namespaces) & CLONE.NEWPID) == 0)
            return InitProcess.Start(block, 0, line, folder);
        using PidNamespaceSwitch joined = PidNamespaceSwitch.Enter(request.InitPidfd.Value);
        return InitProcess.Start(block, 0, line, folder);
    }

    private static void TellListener(ExecRequest request, InitProcess process, int fd)
    {
        using OwnedFd listener = new(fd);
        ContainerState state = request.State ?? throw new ContainerException(ContainerErrorKind.Unsupported, "exec: a seccomp filter that notifies needs the container's state");
        SeccompListener.Tell(request.Spec.Linux!.Seccomp!, listener, process.Pid, state);
        process.Release();
    }

    private static StartedProcess Follow(ExecRequest request, InitPlanBlock block, InitProcess process, int ready, int listenerOp)
    {
        OwnedFd pidfd = new(process.Pidfd);
        OwnedFd? terminal = null;
        try
        {
            while (true)
            {
                ChildEvent next = process.Next(out int fd);
                if (fd >= 0 && next.Op == listenerOp)
                    TellListener(request, process, fd);
                else if (fd >= 0)
                    terminal = new OwnedFd(fd);
                if (next.Kind == ChildEventKind.Failed)
                    throw ChildFailure.Of(block, next, request.Process);
                if (next.Kind == ChildEventKind.Closed)
                    return new StartedProcess { Pid = process.Pid, Pidfd = pidfd, Terminal = terminal };
                if (next.Op == ready)
                {
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
