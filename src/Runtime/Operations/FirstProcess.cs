using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Clones a container's first process: before its plan is made where that is possible, so that it works beside the parent
/// (<see cref="EarlyChild"/>), or else with the finished plan.
/// </summary>
internal sealed class FirstProcess : IDisposable
{
    private readonly CreateRequest _request;
    private readonly IReadOnlyList<string> _taskFiles;
    private readonly Cgroup _cgroup;
    private readonly OwnedFd? _folder;
    private (int Parent, int Child) _line;
    private EarlyChild? _early;
    private bool _ownsLine = true;

    /// <summary>Makes the line to it.</summary>
    /// <param name="request">The container.</param>
    /// <param name="taskFiles">Of the cgroups that the process moves itself into; with a user namespace it keeps the caller's ids until then.</param>
    /// <param name="cgroup">The container's cgroup.</param>
    /// <param name="folder">Its folder of cgroup v2 to be born in, or null; stays the caller's.</param>
    /// <exception cref="LinuxException">No socket pair could be made.</exception>
    public FirstProcess(CreateRequest request, IReadOnlyList<string> taskFiles, Cgroup cgroup, OwnedFd? folder)
    {
        _request = request;
        _taskFiles = taskFiles;
        _cgroup = cgroup;
        _folder = folder;
        _line = InitProcess.OpenLine();
    }

    /// <summary>The child's end of the line, for its plan.</summary>
    public int ChildEnd => _line.Child;

    /// <summary>Whether it runs, and its plan has to leave out what <see cref="EarlyPlan"/> does.</summary>
    public bool HasBegun => _early is not null;

    /// <summary>Whether it runs and joins the cgroups, which are made, without its plan.</summary>
    public bool JoinsEarly => _early is { JoinsCgroups: true };

    private Spec Spec => _request.Spec;

    // Where the kernel must kill for want of memory it kills all whom the memory belongs to: with little of it the child
    // gets a copy, so that the failure can be told.
    internal static bool LeavesRoom(Spec spec)
    {
        const long Enough = 32 << 20;
        return spec.Linux?.Resources?.Memory?.Limit is not { } limit || limit < 0 || limit >= Enough;
    }

    private bool MayShare => _request.SharesMemory && LeavesRoom(Spec);

    /// <summary>Clones it now, where nothing speaks against it.</summary>
    /// <param name="makeCgroups">Called where all that it does next needs its cgroups: before its plan is made.</param>
    /// <exception cref="LinuxException">It could not be cloned, or its ids not be mapped.</exception>
    /// <exception cref="ContainerException">The cgroup takes no process.</exception>
    public void Begin(Action makeCgroups)
    {
        if (!MayShare || !InitProcess.CanShare || _request.NetworkNamespace is not null || !EarlyPlan.Fits(Spec))
            return;
        _ownsLine = false;
        _early = InCgroup(() => EarlyChild.Start(Spec, _taskFiles, _line, _folder?.Value));
        _early.MapIds(Spec.Linux!);
        if (!_early.JoinsCgroups)
            return;
        Spread();
        makeCgroups();
        _early.JoinCgroups();
    }

    /// <summary>Sees to it, a moment after <see cref="Begin"/>, that it works beside us and not after us.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Spread() => _early?.Spread();

    /// <summary>Gives it its plan, after having cloned it where that is not done.</summary>
    /// <exception cref="LinuxException">It could not be cloned.</exception>
    /// <exception cref="ContainerException">The cgroup takes no process.</exception>
    public InitProcess Continue(ContainerPlanner planner, InitPlanBlock block)
    {
        if (_early is not null)
            return _early.Follow(block);
        _ownsLine = false;
        CloneOptions options = new() { CgroupFd = _folder?.Value, SharesMemory = MayShare && planner.IsAlone };
        // A pid namespace to join takes effect on children: the parent enters it for the moment of the clone.
        return InCgroup(() => planner.PidNamespace is { } target
            ? PidNamespaceSwitch.Clone(target.Value, block, planner.CloneFlags, _line, options)
            : InitProcess.Start(block, planner.CloneFlags, _line, options));
    }

    private T InCgroup<T>(Func<T> clone)
    {
        try
        {
            return clone();
        }
        catch (LinuxException refused) when (_folder is not null && _cgroup.WhyClosed(refused) is { } why)
        {
            throw why;
        }
    }

    /// <summary>Ends it, before <see cref="Continue"/> has returned.</summary>
    public void Abandon()
    {
        _early?.Abandon();
        if (!_ownsLine)
            return;
        _ownsLine = false;
        _ = Sys.close(_line.Child); // ignored: the fd is gone whatever close(2) answers
        _ = Sys.close(_line.Parent); // ignored: as above
    }

    /// <summary>Closes what was needed to begin.</summary>
    public void Dispose() => _early?.Dispose();
}
