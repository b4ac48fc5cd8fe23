using System.Diagnostics.CodeAnalysis;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>A container that the library in this process makes.</summary>
internal sealed class OwnContainer : LiveContainer
{
    private readonly string _id;
    private readonly Func<Spec> _spec;
    private readonly CreatedContainer? _created;
    private readonly ContainerHooks? _hooks;

    [SetsRequiredMembers]
    private OwnContainer(CreateRequest request, Func<Spec> spec, CreatedContainer created)
    {
        _id = request.Id;
        _spec = spec;
        _created = created;
        _hooks = created.Hooks;
        Pid = created.Pid;
        Pidfd = created.Pidfd;
        Cgroup = created.Cgroup;
        Terminal = created.Terminal;
    }

    [SetsRequiredMembers]
    private OwnContainer(CreateRequest request, Func<Spec> spec, ContainerRuntimeState state, OwnedFd pidfd)
    {
        _id = request.Id;
        _spec = spec;
        _hooks = ContainerHooks.Of(request);
        Pid = state.Pid;
        Pidfd = pidfd;
        Cgroup = Cgroup.FromPaths(state.Cgroups);
        IsAdopted = true;
    }

    /// <inheritdoc/>
    public override bool IsPaused => Cgroup.IsFrozen;

    /// <summary>Makes one.</summary>
    /// <param name="request">What it is to be.</param>
    /// <param name="spec">Its spec, for who executes something in it later.</param>
    /// <exception cref="ContainerException">A step failed; nothing is left.</exception>
    public static OwnContainer Create(CreateRequest request, Func<Spec> spec) => new(request, spec, CreateContainer.Run(request));

    /// <summary>One that another supervisor had made.</summary>
    public static OwnContainer Adopted(ContainerRuntimeState state, OwnedFd pidfd, CreateRequest request, Func<Spec> spec) => new(request, spec, state, pidfd);

    /// <inheritdoc/>
    public override void Start() => _created!.Start();

    /// <inheritdoc/>
    public override void Signal(int signal)
    {
        int answer = Sys.pidfd_send_signal(Pidfd.Value, signal);
        if (Sys.Is(answer, Errno.ESRCH))
            throw NotRunning(_id);
        LinuxException.ThrowIfError(answer, "signal container", _id);
    }

    /// <inheritdoc/>
    public override void Pause() => Cgroup.Freeze();

    /// <inheritdoc/>
    public override void Resume() => Cgroup.Thaw();

    /// <inheritdoc/>
    public override StartedProcess Exec(Process process, IReadOnlyList<int>? stdio, CgroupPart? part = null) => ExecProcess.Run(new ExecRequest
    {
        Spec = _spec(),
        InitPidfd = Pidfd,
        InitPid = Pid,
        Process = process,
        Keyring = SessionKeyring.NameOf(_id),
        Cgroup = part?.Joined ?? Cgroup,
        Stdio = stdio,
    });

    /// <inheritdoc/>
    public override void RunPoststop(Action<string> note)
    {
        _created?.Rdt?.Undo();
        _hooks?.RunPoststop(note);
    }

    /// <inheritdoc/>
    public override void Abandon(Action<string> note)
    {
        _created?.Abandon();
        _hooks?.RunPoststop(note);
        Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _created?.Dispose();
        base.Dispose();
    }
}
