using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// Turns a spec into the list of operations of the container's first process. The order is the story:
///
///   identity       dumpable off, user namespace, session, the other namespaces, names, keyring
///   root           propagation, the root file system mounted on its folder
///   mounts         in the spec's order; before the first cgroup mount the child waits to be in its cgroup
///   devices        nodes and links of /dev
///   hooks          only where the spec has some: those of the parent, then createContainer
///   paths          working folder made, masked and read-only paths
///   terminal       pty from the container's own devpts, /dev/console
///   pivot_root     the old root is gone; read-only root, propagation
///   process        limits, ids, capabilities, filter, the executable found
///   gate           "ready" to the parent; wait for start
///   execve
/// </summary>
internal sealed partial class ContainerPlanner : IDisposable
{
    private readonly PlanInputs _inputs;
    private readonly Spec _spec;
    private readonly LinuxSpec _linux;
    private readonly Process _process;
    private readonly InitPlanBuilder _plan = new();
    private readonly List<IDisposable> _held = [];
    private readonly ProcessPlanner _steps;
    private readonly MountPlanner _mounts;
    private readonly PlanSlot _rootSlot; // where the child opens the root itself
    private readonly PlanArg _root;
    private readonly PlanData _empty;
    private bool _inCgroup;
    private ulong _shared; // CLONE_NEW* of joined namespaces that are the caller's own

    /// <summary>Starts planning.</summary>
    public ContainerPlanner(PlanInputs inputs)
    {
        _inputs = inputs;
        _spec = inputs.Spec;
        _linux = inputs.Spec.Linux!;
        _process = inputs.Spec.Process!;
        _rootSlot = _plan.Slot();
        _root = inputs.RootMount is { } mount ? mount.Value : _rootSlot;
        _empty = _plan.Text("");
        _mounts = new MountPlanner(_plan, _root, _linux, inputs.Bundle) { MakeIdMap = inputs.MakeIdMap, DetachedSources = inputs.DetachedSources };
        _steps = new ProcessPlanner(_plan, _process)
        {
            SeccompFlags = inputs.SeccompFlags,
            Container = _linux,
            ParentSchedules = Sys.geteuid() == 0 && Find("user") is not null,
            SeccompLine = inputs.Line,
            LabelProc = OpenLabelProc(),
            CapabilityLimit = Find("user") is not null ? ulong.MaxValue : CapabilityTable.Permitted(),
        };
    }

    /// <summary>Namespaces that must exist from the child's first instruction: user and pid.</summary>
    public ulong CloneFlags { get; private set; }

    /// <summary>A pid namespace that the parent joins around clone3; null for none.</summary>
    public OwnedFd? PidNamespace { get; private set; }

    /// <summary>Whether the child waits for its id maps before anything else.</summary>
    public bool AwaitsMaps { get; private set; }

    /// <summary>The index of the op that reports "ready to execute".</summary>
    public int ReadyCheckpoint { get; private set; }

    /// <summary>The index of the op that hands the pty over, or -1.</summary>
    public int TerminalCheckpoint { get; private set; } = -1;

    /// <summary>The index of the op that hands the seccomp listener over, or -1.</summary>
    public int ListenerOp => _steps.ListenerOp;

    /// <summary>The index of the op that reports "the hooks may run", or -1.</summary>
    public int HookCheckpoint { get; private set; } = -1;

    /// <summary>Whether the parent has to set scheduling attributes when the child is ready.</summary>
    public bool AwaitsScheduling => _steps.AwaitsScheduling;

    /// <summary>Makes the plan.</summary>
    /// <exception cref="ContainerException">Something that the spec names cannot be opened.</exception>
    /// <exception cref="LinuxException">As above.</exception>
    public InitPlanBlock Build()
    {
        PlanIdentity();
        PlanRoot();
        PlanMounts();
        PlanDevices();
        PlanCreateHooks(); // before the masks, which then cover what a hook mounts
        PlanPaths();
        PlanTerminal();
        AwaitCgroup(); // where no cgroup mount asked for it before
        PlanPivot();
        _steps.Prepare(_inputs.SeccompProgram);
        if (_inputs.Stdio is { } stdio && !_process.Terminal)
            _steps.ReplaceStdio(stdio);
        _steps.CloseFds(_inputs.PreserveFds);
        if (_inputs.TellsPid)
            _steps.TellPid();
        _steps.LoadEarlyFilter();
        ReadyCheckpoint = _plan.Checkpoint("get ready");
        PlanGate();
        PlanStartHooks();
        _steps.Execute(_inputs.BlockedSignals);
        return _plan.Build(_inputs.Line);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mounts.Dispose();
        foreach (IDisposable fd in _held)
            fd.Dispose();
    }

    private void PlanGate()
    {
        if (_inputs.Gate is not { } gate)
        {
            _plan.Await("wait for the start", _inputs.Line);
            return;
        }
        _plan.Add("report to the start", OpCode.RedirectStatus, null, 0, null, null, [gate.Result.Value]);
        _plan.Await("wait for the start", gate.Go.Value);
    }

    /// <summary>Waits, once, until the parent has put the child into its cgroup; then the cgroup namespace is made.</summary>
    private void AwaitCgroup()
    {
        if (_inCgroup)
            return;
        _inCgroup = true;
        _plan.Await("wait for the cgroup", _inputs.Line);
        if (_inputs.JoinedEarly)
            return;
        _plan.JoinCgroups(_inputs.TaskFiles);
        if (IsNew("cgroup"))
            _plan.Call("unshare the cgroup namespace", SYS.unshare, (long)CLONE.NEWCGROUP);
    }

    private OwnedFd Hold(OwnedFd fd)
    {
        _held.Add(fd);
        return fd;
    }

    private Namespace? Find(string type)
    {
        foreach (Namespace item in _linux.Namespaces ?? [])
        {
            if (item.Type == type)
                return item;
        }
        return null;
    }

    private bool IsNew(string type) =>
        Find(type) is { } item && string.IsNullOrEmpty(item.Path) && !(type == "network" && _inputs.NetworkNamespace is not null);
}
