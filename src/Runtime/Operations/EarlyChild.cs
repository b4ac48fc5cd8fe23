using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>A container's first process, cloned before its plan is made: see <see cref="EarlyPlan"/>. It works in the caller's memory and with its fds.</summary>
internal sealed class EarlyChild : IDisposable
{
    private readonly OwnedFd _self; // the child waits for us or for our end

    private readonly EarlyPlan _plan;
    private readonly InitProcess _process;

    private EarlyChild(OwnedFd self, EarlyPlan plan, InitProcess process)
    {
        _self = self;
        _plan = plan;
        _process = process;
    }

    /// <summary>Clones it.</summary>
    /// <param name="spec">The spec; <see cref="EarlyPlan.Fits"/>.</param>
    /// <param name="taskFiles">Of the cgroups that the child moves itself into; with a user namespace it keeps the caller's ids until then.</param>
    /// <param name="line">The two ends of the line, which belong to the child from here on.</param>
    /// <param name="cgroupFd">A cgroup v2 folder to be born in, or null.</param>
    /// <exception cref="LinuxException">It could not be cloned.</exception>
    public static EarlyChild Start(Spec spec, IReadOnlyList<string> taskFiles, (int Parent, int Child) line, int? cgroupFd)
    {
        OwnedFd self = OwnedFd.FromAnswer(Sys.pidfd_open(Sys.getpid()), "open a pidfd of", "this process");
        EarlyPlan plan = EarlyPlan.Of(spec, taskFiles, line, self.Value);
        try
        {
            CloneOptions options = new() { CgroupFd = cgroupFd, SharesMemory = true, SharesFds = true };
            InitProcess process = InitProcess.Start(plan.Block, plan.CloneFlags, line, options);
            process.SeparateOp = plan.SeparateOp;
            return new EarlyChild(self, plan, process);
        }
        catch
        {
            self.Dispose();
            throw;
        }
    }

    /// <summary>Maps its ids, where it has a user namespace and waits for them.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void MapIds(LinuxSpec linux)
    {
        if (!_plan.AwaitsMaps)
            return;
        IdMaps.Write(_process.Pid, linux.UidMappings!, linux.GidMappings!);
        _process.Release();
    }

    /// <summary>Whether it waits for <see cref="JoinCgroups"/>.</summary>
    public bool JoinsCgroups => _plan.JoinsCgroups;

    /// <summary>Lets it move into its cgroups, which are there.</summary>
    public void JoinCgroups() => _process.Release();

    /// <summary>Sees to it, a moment after the clone, that it works beside us and not after us.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Spread()
    {
        if (!_process.HasBegun)
            Scheduling.Spread(_process.Pid);
    }

    /// <summary>Gives it the rest of its plan; what is opened later it does not get.</summary>
    public InitProcess Follow(InitPlanBlock block)
    {
        _process.Follow(_plan.Block, _plan.Next, block);
        return _process;
    }

    /// <summary>Ends it, before <see cref="Follow"/>.</summary>
    public void Abandon()
    {
        using OwnedFd pidfd = new(_process.Pidfd);
        _ = Sys.pidfd_send_signal(pidfd.Value, SIG.KILL); // ignored: it may have ended by itself
        int answer;
        do
            answer = Sys.waitid(P.PIDFD, pidfd.Value, out _, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
        _process.Dispose();
        Dispose();
    }

    /// <summary>Closes what it needed to begin.</summary>
    public void Dispose() => _self.Dispose();
}
