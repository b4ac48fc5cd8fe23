using Rundlet.Linux;
using Rundlet.Linux.Resctrl;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// The group of resctrl that a container is in, config-linux.md "IntelRdt". What can be found out is found out before anything
/// is made. The rest is one step under the lock of resctrl: the group is made and filled before its first process runs anything,
/// so that no other delete finds it without tasks, and all later processes are born into it.
/// </summary>
public sealed class RdtGroup
{
    private readonly ResctrlFileSystem _system;
    private readonly IntelRdt _rdt;
    private readonly string _id;
    private readonly List<SchemaLine> _outcome;
    private readonly ResctrlGroup _group;
    private bool _isEntered;
    private bool _madeMonitor;

    private RdtGroup(ResctrlFileSystem system, IntelRdt rdt, string id)
    {
        _system = system;
        _rdt = rdt;
        _id = id;
        _outcome = RdtPlan.Outcome(rdt);
        Name = RdtPlan.GroupOf(rdt, id);
        _group = system.Group(Name);
    }

    /// <summary>The group's name; <c>/</c> is the default one.</summary>
    public string Name { get; }

    /// <summary>Whether the group is named after the container, and so nobody else's.</summary>
    public bool IsPrivate => _rdt.ClosId is null or "";

    /// <summary>Whether the container makes the group: as it seems before <see cref="Enter"/>, as it is afterwards.</summary>
    public bool IsMade { get; private set; }

    /// <summary>Whether the container is measured apart.</summary>
    public bool HasMonitor => RdtPlan.Monitors(_rdt);

    /// <summary>Looks whether the group can be had; makes nothing.</summary>
    /// <param name="rdt">What the spec asks for; null for nothing.</param>
    /// <param name="id">The container.</param>
    /// <returns>Null where nothing is asked for: then no resctrl is looked for.</returns>
    /// <exception cref="ContainerException">It cannot be had.</exception>
    internal static RdtGroup? For(IntelRdt? rdt, string id)
    {
        if (rdt is null)
            return null;
        RdtGroup group = new(Require(), rdt, id);
        group.Check();
        return group;
    }

    /// <summary>The mounted resctrl.</summary>
    /// <exception cref="ContainerException">There is none.</exception>
    internal static ResctrlFileSystem Require()
    {
        if (ResctrlFileSystem.Find() is { } system)
            return system;
        if (ResctrlFileSystem.IsKnown())
            throw new ContainerException(ContainerErrorKind.Unsupported, "linux.intelRdt: resctrl is not mounted") { Hint = "mount -t resctrl resctrl /sys/fs/resctrl" };
        throw new ContainerException(ContainerErrorKind.Unsupported, "linux.intelRdt: this kernel has no resctrl for this processor") { Hint = "leave the member out, or use a processor and a kernel with cache or bandwidth control" };
    }

    /// <summary>Requires that all that some lines are about can be shared out.</summary>
    /// <exception cref="ContainerException">It cannot.</exception>
    internal static void RequireControl(ResctrlFileSystem system, IntelRdt rdt)
    {
        List<string> resources = system.Resources();
        RdtPlan.ForEach(rdt, (member, text) =>
        {
            SchemaLine line = SchemaLine.TryParse(text)!;
            if (!resources.Contains(line.Resource))
                throw new ContainerException(ContainerErrorKind.Unsupported, $"{member}: this machine does not control '{line.Resource}'") { Hint = resources.Count == 0 ? "it can only measure: leave the member out" : $"it controls {string.Join(", ", resources)}" };
        });
    }

    /// <summary>Makes the group where it has to be made, and takes a process in.</summary>
    /// <exception cref="ContainerException">The kernel refused, or the group has changed meanwhile. <see cref="Undo"/> takes back what was made.</exception>
    internal void Enter(int pid) => Told(() => EnterLocked(group => group.Add(pid)));

    /// <summary>The same for a container that runs.</summary>
    /// <param name="pids">Tells its processes.</param>
    internal void EnterAll(Func<IReadOnlyList<int>> pids) => Told(() => EnterLocked(group => group.AddAll(pids)));

    /// <summary>Takes back what was made, when the container is gone; what fails stays.</summary>
    public void Undo()
    {
        try
        {
            using OwnedFd held = _system.Lock();
            if (_madeMonitor)
                _group.Monitor(_id).Remove();
            if (IsMade && _isEntered)
                RemoveUnlessShared(_group, !IsPrivate);
        }
        catch (Exception left) when (left is LinuxException or ContainerException)
        {
            _ = left; // ignored: the failure that led here is the one to tell
        }
    }

    /// <summary>Puts on record what a delete has to remove.</summary>
    internal void Record(SavedState state)
    {
        state.RdtGroup = Name;
        state.MakesRdtGroup = IsMade;
        state.SharesRdtGroup = !IsPrivate;
        state.HasRdtMonitor = HasMonitor;
    }

    /// <summary>What takes one more process of a container into its group, by pid; null where it has none.</summary>
    public static Action<int>? JoinOf(SavedState? state) => state is { RdtGroup.Length: > 0 } ? pid => Join(state, pid) : null;

    private static void Join(SavedState state, int pid) => Told(() =>
    {
        ResctrlFileSystem system = Require();
        using OwnedFd held = system.Lock();
        ResctrlGroup group = system.Group(state.RdtGroup);
        group.Add(pid);
        if (state.HasRdtMonitor)
            group.Monitor(state.Id).Add(pid);
    });

    /// <summary>Removes what was made for a container whose processes are gone. A group that others may be in too stays while somebody is.</summary>
    /// <exception cref="ContainerException">The kernel refused.</exception>
    internal static void Remove(SavedState state)
    {
        if (state.RdtGroup.Length == 0 || ResctrlFileSystem.Find() is not { } system)
            return; // unmounted meanwhile: the groups went with it
        Told(() =>
        {
            using OwnedFd held = system.Lock();
            ResctrlGroup group = system.Group(state.RdtGroup);
            if (state.HasRdtMonitor && !group.Monitor(state.Id).HasTasks())
                group.Monitor(state.Id).Remove();
            if (state.MakesRdtGroup)
                RemoveUnlessShared(group, state.SharesRdtGroup);
        });
    }

    private static void RemoveUnlessShared(ResctrlGroup group, bool mayBeShared)
    {
        if (!mayBeShared || !(group.HasTasks() || group.HasMonitors()))
            group.Remove();
    }

    private void Check()
    {
        if (IsPrivate)
            RdtPlan.ValidateName(_id, "linux.intelRdt: the group of a container without closID is called as the container, which");
        RequireControl(_system, _rdt);
        CheckMonitoring();
        Told(() =>
        {
            bool exists = IsThereAndUsable();
            IsMade = !exists || IsPrivate;
            if (!exists && !IsPrivate && _outcome.Count == 0)
                throw Missing();
        });
    }

    // Looked at under the lock: one that is being made has no share yet.
    private bool IsThereAndUsable()
    {
        if (!_group.Exists)
            return false;
        using OwnedFd held = _system.Lock();
        if (!_group.Exists)
            return false;
        RequireUsable();
        return true;
    }

    private void CheckMonitoring()
    {
        if (HasMonitor && !_system.CanMonitor)
            throw CannotMeasure(_rdt.EnableMonitoring ? "enableMonitoring" : _rdt.EnableCmt ? "enableCMT" : "enableMBM");
        string[] features = _rdt.EnableCmt || _rdt.EnableMbm ? _system.MonitorFeatures() : [];
        if (_rdt.EnableCmt && Array.IndexOf(features, "llc_occupancy") < 0)
            throw CannotMeasure("enableCMT");
        if (_rdt.EnableMbm && !Array.Exists(features, feature => feature.StartsWith("mbm_", StringComparison.Ordinal)))
            throw CannotMeasure("enableMBM");
    }

    private void EnterLocked(Action<ResctrlGroup> add)
    {
        using OwnedFd held = _system.Lock();
        bool mayMake = Name != "/" && (IsPrivate || _outcome.Count > 0);
        IsMade = mayMake && _group.Make();
        _isEntered = true;
        if (!IsMade)
            Adopt();
        if (IsMade)
        {
            foreach (List<string> lines in RdtPlan.Writes(_rdt))
                _group.WriteSchemata(lines);
        }
        add(_group);
        if (!HasMonitor)
            return;
        ResctrlGroup monitor = _group.Monitor(_id);
        _madeMonitor = monitor.Make();
        if (!_madeMonitor && monitor.HasTasks())
            throw new ContainerException(ContainerErrorKind.Conflict, $"the group '{monitor.Path}' is in use") { Hint = "choose another id for the container" };
        _madeMonitor = true; // one without tasks is what a killed create of this id has left
        add(monitor);
    }

    // A private group that nobody is in is what a killed create or another runtime has left: made anew, it has the default's share.
    private void Adopt()
    {
        if (!_group.Exists)
            throw Missing();
        RequireUsable();
        if (!IsPrivate)
            return;
        _group.Remove();
        IsMade = _group.Make();
    }

    private void RequireUsable()
    {
        if (IsPrivate && _group.HasTasks())
            throw new ContainerException(ContainerErrorKind.Conflict, $"the group '{_group.Path}' is in use") { Hint = "choose another id for the container, or name the group as closID to share it" };
        if (!IsPrivate && _outcome.Count > 0 && SchemaLine.Difference(_outcome, SchemaLine.ParseAll(_group.ReadSchemata()), _system.StepOf) is { } difference)
            throw new ContainerException(ContainerErrorKind.Conflict, $"the group '{Name}' exists and has {difference}") { Hint = "ask for what the group has, name none of it, or choose another closID" };
    }

    private ContainerException Missing() =>
        new(ContainerErrorKind.NotFound, $"closID: there is no group '{_group.Path}'") { Hint = "make it first, or say with schemata what it may use" };

    private static ContainerException CannotMeasure(string member) =>
        new(ContainerErrorKind.Unsupported, $"linux.intelRdt.{member}: this machine cannot measure that") { Hint = "leave the member out" };

    /// <summary>Does something; its failures name the member.</summary>
    internal static void Told(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException)
        {
            ContainerErrorKind kind = failed is ContainerException known ? known.Kind : CreateContainer.KindOf(((LinuxException)failed).Errno);
            throw new ContainerException(kind, "linux.intelRdt", failed);
        }
    }
}
