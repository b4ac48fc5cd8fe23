using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// What <see cref="AddMounts"/> and <see cref="RemoveMounts"/> have in common: a child that enters a container, which may be
/// hostile, works its ops off and ends. It cannot be traced from inside, and executes nothing.
///
///   parent                                child
///   open binds and id mappings; plan
///   clone3 ----------------------------> untraceable, join the namespaces, open the root, mount by fd
///   &lt;--------------------------------- done, or the op that failed
///   close the line --------------------> end
/// </summary>
internal static class LiveMounts
{
    /// <summary>Plans and runs.</summary>
    /// <param name="container">The container; must not be stopped.</param>
    /// <param name="seesProcesses">Whether a procfs is among what is mounted: the child then has to be in the container's pid namespace.</param>
    /// <param name="plan">Adds the ops; the argument opens destinations beneath the container's root.</param>
    /// <exception cref="ContainerException">It does not run, or an op failed: <paramref name="failedOp"/> says which.</exception>
    public static void Run(ContainerHandle container, bool seesProcesses, Action<InitPlanBuilder, MountPlanner, PlanArg> plan, out int failedOp)
    {
        failedOp = -1;
        Spec spec = container.LoadSpec();
        using OwnedFd pidfd = container.OpenProcess();
        InitPlanBuilder builder = new();
        (int Parent, int Child) line = InitProcess.OpenLine();
        InitProcess? child = null;
        try
        {
            ulong namespaces = NamespaceTable.FlagsOf(spec.Linux!.Namespaces);
            PlanSlot root = PlanEntry(builder, pidfd, namespaces);
            using MountPlanner mounts = new(builder, root, spec.Linux, container.State!.Bundle) { IsLive = true };
            mounts.UseLabel(spec.Linux.MountLabel);
            plan(builder, mounts, root);
            builder.Checkpoint("report the mounts");
            builder.Await("wait for the end", line.Child);
            using InitPlanBlock block = builder.Build(line.Child);
            child = Clone(block, line, pidfd, seesProcesses ? namespaces : namespaces & ~CLONE.NEWPID);
            ChildEvent answer = child.Next(out _);
            if (answer.Kind == ChildEventKind.Reached)
                return;
            failedOp = answer.Op;
            throw answer.Kind == ChildEventKind.Failed
                ? ChildFailure.Of(block, answer, spec.Process!)
                : new ContainerException(ContainerErrorKind.Internal, "the process that mounts was killed");
        }
        catch (LinuxException failed)
        {
            throw new ContainerException(CreateContainer.KindOf(failed.Errno), $"mounts of container '{container.Folder.Id}'", failed);
        }
        finally
        {
            if (child is null)
            {
                _ = Sys.close(line.Child); // ignored: after a failed clone both are closed already, and the process is about to end
                _ = Sys.close(line.Parent); // ignored: as above
            }
            else
            {
                Collect(child);
            }
        }
    }

    private static PlanSlot PlanEntry(InitPlanBuilder plan, OwnedFd pidfd, ulong namespaces)
    {
        plan.Add("reset the signals", OpCode.ResetSignals, null, 0, null, null, []);
        plan.Call("become untraceable", SYS.prctl, PR.SET_DUMPABLE, 0);
        plan.Call("join the container's namespaces", SYS.setns, pidfd.Value, (long)(namespaces & ~(CLONE.NEWPID | CLONE.NEWTIME)));
        if ((namespaces & CLONE.NEWUSER) != 0)
        {
            plan.BecomeRootOfUserNamespace();
            plan.Call("become untraceable", SYS.prctl, PR.SET_DUMPABLE, 0); // the change of user undoes it
        }
        PlanSlot root = plan.Slot();
        plan.Call("open the container's root", root, SYS.openat, Sys.AT_FDCWD, plan.Text("/"), O.PATH | O.DIRECTORY | O.CLOEXEC);
        return root;
    }

    // A procfs shows the pid namespace of whoever mounts it. Without one the child stays out of there: a container with CAP_SYS_PTRACE
    // would get at it, and at its fds, folders of the host among them (CVE-2016-9962).
    private static InitProcess Clone(InitPlanBlock block, (int Parent, int Child) line, OwnedFd pidfd, ulong namespaces)
    {
        if ((namespaces & CLONE.NEWPID) == 0)
            return InitProcess.Start(block, 0, line);
        using PidNamespaceSwitch joined = PidNamespaceSwitch.Enter(pidfd.Value);
        return InitProcess.Start(block, 0, line);
    }

    private static void Collect(InitProcess child)
    {
        using OwnedFd process = new(child.Pidfd);
        child.Dispose();
        int answer;
        do
            answer = Sys.waitid(P.PIDFD, process.Value, out _, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
    }
}
