using Rundlet.Init;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// The first ops of a container's process where they depend on nothing but the list of namespaces: making a network namespace takes
/// longer than all else, and the parent opens, plans and makes cgroups meanwhile.
/// </summary>
/// <remarks>The ops are those of <see cref="ContainerPlanner"/> for the same spec, in the same order.</remarks>
internal sealed class EarlyPlan
{
    private readonly InitPlanBuilder _plan = new(ops: 64);

    private EarlyPlan(ulong namespaces, IReadOnlyList<string> taskFiles, (int Parent, int Child) line, int self)
    {
        bool newUser = (namespaces & CLONE.NEWUSER) != 0;
        CloneFlags = namespaces & (CLONE.NEWUSER | CLONE.NEWPID);
        bool keepsIds = taskFiles.Count > 0;
        AwaitsMaps = newUser;
        JoinsCgroups = newUser && keepsIds;
        Next = _plan.Slot();
        _plan.Add("reset the signals", OpCode.ResetSignals, null, 0, null, null, []);
        if (newUser)
            _plan.Add("wait for the id maps", OpCode.AwaitPeer, null, 0, null, null, [line.Child, self]);
        _plan.Call("become untraceable", SYS.prctl, PR.SET_DUMPABLE, 0);
        if (newUser && !keepsIds)
        {
            _plan.BecomeRootOfUserNamespace();
        }
        _plan.Call("lead a session", null, new Tolerated(Errno.EPERM), SYS.setsid);
        ulong unshared = namespaces & ~(CLONE.NEWUSER | CLONE.NEWPID | CLONE.NEWCGROUP | (newUser && keepsIds ? CLONE.NEWIPC : 0));
        if (unshared != 0)
            _plan.Call("unshare the namespaces", SYS.unshare, (long)unshared);
        if (JoinsCgroups)
            JoinCgroups(namespaces, taskFiles, line.Child, self);
        _plan.Add("wait for the plan", OpCode.AwaitPeer, null, 0, null, null, [line.Child, self]);
        _plan.Call("get fds of its own", SYS.unshare, (long)CLONE.FILES);
        _plan.Call("close the parent's end of the line", SYS.close, line.Parent);
        SeparateOp = InitPlanBuilder.EarlyOps + _plan.Checkpoint("have fds of its own");
        _plan.Add("follow the plan", OpCode.FollowPlan, null, 0, null, null, [Next]);
        Block = _plan.Build(line.Child, isEarly: true);
    }

    /// <summary>The plan.</summary>
    public InitPlanBlock Block { get; }

    /// <summary>The slot for the address of the plan that follows.</summary>
    public PlanSlot Next { get; }

    /// <summary>Namespaces that clone3 makes.</summary>
    public ulong CloneFlags { get; }

    /// <summary>Whether the child waits for its id maps.</summary>
    public bool AwaitsMaps { get; }

    /// <summary>Whether the child waits for its cgroups and joins them before it waits for its plan.</summary>
    public bool JoinsCgroups { get; }

    /// <summary>The number of the checkpoint that says: the child has fds of its own.</summary>
    public int SeparateOp { get; }

    /// <summary>Whether a container's process can begin before its plan is there.</summary>
    public static bool Fits(Spec spec)
    {
        ulong flags = NamespaceTable.FlagsOf(spec.Linux!.Namespaces);
        if ((flags & CLONE.NEWPID) == 0 || (flags & CLONE.NEWTIME) != 0)
            return false;
        foreach (Namespace item in spec.Linux.Namespaces ?? [])
        {
            if (!string.IsNullOrEmpty(item.Path))
                return false;
        }
        // Who took the ids of a user namespace cannot open the files of labels any more.
        return (flags & CLONE.NEWUSER) == 0 || (string.IsNullOrEmpty(spec.Process!.ApparmorProfile) && string.IsNullOrEmpty(spec.Process.SelinuxLabel));
    }

    /// <summary>Makes the plan.</summary>
    /// <param name="spec">The spec; <see cref="Fits"/>.</param>
    /// <param name="taskFiles">Of the cgroups that the child moves itself into; with a user namespace it keeps the caller's ids until then.</param>
    /// <param name="line">The two ends of the line.</param>
    /// <param name="self">A pidfd of the parent.</param>
    public static EarlyPlan Of(Spec spec, IReadOnlyList<string> taskFiles, (int Parent, int Child) line, int self) =>
        new(NamespaceTable.FlagsOf(spec.Linux!.Namespaces), taskFiles, line, self);

    // The parent plans meanwhile: nothing but this can be done before.
    private void JoinCgroups(ulong namespaces, IReadOnlyList<string> taskFiles, int line, int self)
    {
        _plan.Add("wait for the cgroup", OpCode.AwaitPeer, null, 0, null, null, [line, self]);
        _plan.JoinCgroups(taskFiles);
        if ((namespaces & CLONE.NEWCGROUP) != 0)
            _plan.Call("unshare the cgroup namespace", SYS.unshare, (long)CLONE.NEWCGROUP);
        _plan.BecomeRootOfUserNamespace();
        if ((namespaces & CLONE.NEWIPC) != 0)
            _plan.Call("unshare the namespaces", SYS.unshare, (long)CLONE.NEWIPC);
    }
}
