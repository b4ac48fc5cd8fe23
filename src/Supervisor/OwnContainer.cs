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
    private readonly CreateRequest _request;
    private readonly CreatedContainer? _created;
    private readonly ContainerHooks? _hooks;

    [SetsRequiredMembers]
    private OwnContainer(CreateRequest request, CreatedContainer created)
    {
        _request = request;
        _created = created;
        _hooks = created.Hooks;
        Pid = created.Pid;
        Pidfd = created.Pidfd;
        Cgroup = created.Cgroup;
        Terminal = created.Terminal;
    }

    [SetsRequiredMembers]
    private OwnContainer(CreateRequest request, ContainerRuntimeState state, OwnedFd pidfd)
    {
        _request = request;
        _hooks = ContainerHooks.Of(request);
        Pid = state.Pid;
        Pidfd = pidfd;
        Cgroup = Cgroup.FromPaths(state.Cgroups);
        IsAdopted = true;
    }

    /// <inheritdoc/>
    public override bool IsPaused => Cgroup.IsFrozen;

    /// <summary>Makes one.</summary>
    /// <exception cref="ContainerException">A step failed; nothing is left.</exception>
    public static OwnContainer Create(CreateRequest request) => new(request, CreateContainer.Run(request));

    /// <summary>One that another supervisor had made.</summary>
    public static OwnContainer Adopted(ContainerRuntimeState state, OwnedFd pidfd, CreateRequest request) => new(request, state, pidfd);

    /// <inheritdoc/>
    public override void Start() => _created!.Start();

    /// <inheritdoc/>
    public override void Signal(int signal)
    {
        int answer = Sys.pidfd_send_signal(Pidfd.Value, signal);
        if (Sys.Is(answer, Errno.ESRCH))
            throw NotRunning(_request.Id);
        LinuxException.ThrowIfError(answer, "signal container", _request.Id);
    }

    /// <inheritdoc/>
    public override void Pause() => Cgroup.Freeze();

    /// <inheritdoc/>
    public override void Resume() => Cgroup.Thaw();

    /// <inheritdoc/>
    public override StartedProcess Exec(Process process, IReadOnlyList<int>? stdio, CgroupPart? part = null) => ExecProcess.Run(new ExecRequest
    {
        Spec = _request.Spec,
        InitPidfd = Pidfd,
        InitPid = Pid,
        Process = process,
        Keyring = SessionKeyring.NameOf(_request.Id),
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
