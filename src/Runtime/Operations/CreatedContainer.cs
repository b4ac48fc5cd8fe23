using System.Globalization;
using System.Text;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>A container that was made and waits for its start, or runs.</summary>
public sealed partial class CreatedContainer : IDisposable
{
    private Spec? _spec; // until it is started, as the next one
    private InitPlanBlock? _block;
    private InitProcess _process;
    private NetDevices? _devices;

    internal CreatedContainer(string id, Spec spec, InitProcess process, InitPlanBlock block, Cgroup cgroup)
    {
        Id = id;
        _spec = spec;
        _process = process;
        _block = block;
        Cgroup = cgroup;
        Pidfd = new OwnedFd(process.Pidfd);
    }

    /// <summary>The container's id.</summary>
    public string Id { get; }

    /// <summary>The pid of its first process.</summary>
    public int Pid => _process.Pid;

    /// <summary>A pidfd of its first process.</summary>
    public OwnedFd Pidfd { get; private set; }

    /// <summary>Its cgroup.</summary>
    public Cgroup Cgroup { get; }

    /// <summary>The master side of its terminal, with <c>process.terminal</c>; the caller may take it over.</summary>
    public OwnedFd? Terminal { get; private set; }

    /// <summary>Its hooks, for the poststop ones of who removes it; null for none.</summary>
    public ContainerHooks? Hooks { get; internal init; }

    /// <summary>Its group of resctrl, for who removes it; null where none is asked for.</summary>
    public RdtGroup? Rdt { get; internal init; }

    /// <summary>Those that its first process runs.</summary>
    internal InnerHooks? Inner { get; set; }

    /// <summary>Whether a hook may have run; one that has may have left something for poststop.</summary>
    internal bool HooksBegan { get; private set; }

    /// <summary>Lets the user's program start, waits until execve has happened, and runs the poststart hooks.</summary>
    /// <exception cref="ContainerException">It cannot be executed, the container was killed meanwhile, or a hook failed; the caller has to remove it.</exception>
    public void Start()
    {
        bool told = _process.Release();
        bool passed = Inner?.StartOps is not { Count: > 0 };
        ChildEvent end = Receive();
        while (end.Kind == ChildEventKind.Reached)
        {
            passed = true;
            end = Receive();
        }
        if (end.Kind == ChildEventKind.Failed)
            throw FailureOf(end);
        if (!told || !passed)
            throw new ContainerException(ContainerErrorKind.Conflict, $"start container '{Id}': its first process is gone");
        Hooks?.Run(HookPoint.Poststart, Pid);
        Forget();
    }

    /// <summary>Kills the first process, waits for its end, removes the cgroup: for a container that is not wanted after all.</summary>
    public void Abandon()
    {
        _devices?.Restore(); // before its network namespace goes, and virtual devices with it
        _ = Sys.pidfd_send_signal(Pidfd.Value, SIG.KILL); // ignored: it may be gone already
        int answer;
        do
            answer = Sys.waitid(P.PIDFD, Pidfd.Value, out _, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
        try
        {
            Cgroup.Undo();
        }
        catch (Exception left) when (left is LinuxException or ContainerException)
        {
            _ = left; // ignored: the failure that led here is the one to tell; the next delete removes the cgroup
        }
        Rdt?.Undo();
        Dispose();
        Cgroup.Dispose();
    }

    /// <summary>Closes what the parent holds; the container lives on.</summary>
    public void Dispose()
    {
        _devices?.Dispose();
        Terminal?.Dispose();
        Pidfd.Dispose();
        Forget();
    }

    // Spec and plan are most of what a container costs its parent, which may stay for long.
    private void Forget()
    {
        _process.Dispose();
        _block?.Dispose();
        _block = null;
        _spec = null;
        Inner = null;
    }

    private Spec Spec => _spec ?? throw new ObjectDisposedException(nameof(CreatedContainer));

    internal void Raise(ContainerPlanner planner, CgroupSteps steps, Action<CreatedContainer>? meanwhile)
    {
        if (planner.SuccessorOp >= 0)
            TakeSuccessor();
        if (Inner is not null)
        {
            _process.Separate(); // what is closed here is the hooks' input and output
            Inner.FillInputs(Pid);
        }
        if (planner.AwaitsMaps)
        {
            IdMaps.Write(Pid, Spec.Linux!.UidMappings!, Spec.Linux.GidMappings!);
            _process.Release();
        }
        if (planner.NetDevicesCheckpoint >= 0)
            MoveNetDevices(planner.NetDevicesCheckpoint);
        if (!steps.IsInCgroup)
            steps.Make(Cgroup, Spec.Linux!, Pid);
        if (Rdt is not null)
        {
            _process.Separate(); // or the child gets a copy of the fd that holds the lock
            Rdt.Enter(Pid);
        }
        WriteOomScore();
        _process.Release();
        HooksBegan = Inner is not null && planner.HookCheckpoint < 0 && Inner.Has(HookPoint.CreateContainer);
        _process.Separate();
        meanwhile?.Invoke(this);
        while (true)
        {
            Inner?.AwaitLine(_process.Line);
            ChildEvent next = Receive();
            if (next.Kind == ChildEventKind.Failed)
                throw FailureOf(next);
            if (next.Kind == ChildEventKind.Closed)
                throw Killed();
            if (next.Op == planner.HookCheckpoint)
                RunHooks();
            if (next.Op != planner.ReadyCheckpoint)
                continue;
            if (planner.AwaitsScheduling)
                Scheduling.Apply(Pid, Spec.Process!);
            return;
        }
    }

    private void MoveNetDevices(int checkpoint)
    {
        ChildEvent next = Receive();
        if (next.Kind == ChildEventKind.Failed)
            throw FailureOf(next);
        if (next.Kind == ChildEventKind.Closed || next.Op != checkpoint)
            throw Killed();
        _devices = NetDevices.Move(Pid, Spec.Linux!.NetDevices!);
        _process.Release();
    }

    private void TakeSuccessor()
    {
        InitProcess? successor = _process.AwaitSuccessor(out ChildEvent end);
        if (successor is null)
            throw end.Kind == ChildEventKind.Failed ? FailureOf(end) : Killed();
        Pidfd.Dispose();
        Pidfd = new OwnedFd(successor.Pidfd);
        _process = successor;
    }

    private void RunHooks()
    {
        HooksBegan = true;
        Hooks!.Run(HookPoint.Prestart, Pid);
        Hooks.Run(HookPoint.CreateRuntime, Pid);
        _process.Release();
    }

    private ContainerException FailureOf(ChildEvent failure) => Inner?.FailureOf(failure) ?? ChildFailure.Of(_block!, failure, Spec.Process!);

    private ContainerException Killed() => Cgroup.OomKillCount() > 0
        ? new(ContainerErrorKind.InvalidArgument, $"memory limit {Spec.Linux!.Resources?.Memory?.Limit} is too small: the kernel killed the container's first process while it was set up") { Hint = "give it at least 6 MiB" }
        : new(ContainerErrorKind.Internal, "the container's first process was killed while it was set up");

    private ChildEvent Receive()
    {
        ChildEvent next = _process.Next(out int fd);
        if (fd >= 0 && next.Op == ListenerOp)
        {
            TellListener(fd);
        }
        else if (fd >= 0)
        {
            Terminal?.Dispose();
            Terminal = new OwnedFd(fd);
        }
        return next;
    }

    private void WriteOomScore()
    {
        if (Spec.Process!.OomScoreAdj is not { } wanted || Sys.geteuid() != 0)
            return; // who is not root has it in the plan
        string file = $"/proc/{Pid}/oom_score_adj";
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, file, O.RDWR);
        byte[] text = Encoding.ASCII.GetBytes(wanted.ToString(CultureInfo.InvariantCulture));
        nint answer = Sys.write(fd.Value, text);
        // Lowering needs CAP_SYS_RESOURCE. Engines ask for it by default; without the right the caller's own score stays.
        if (!Sys.Is(answer, Errno.EACCES) && !Sys.Is(answer, Errno.EPERM))
            LinuxException.ThrowIfError(answer, "write", file);
    }
}
