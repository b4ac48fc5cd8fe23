using System.Diagnostics.CodeAnalysis;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>A container that another OCI runtime makes, by its command line. What its processes are is the runtime's affair: it is asked for everything.</summary>
internal sealed class ForeignContainer : LiveContainer
{
    private readonly ExternalRuntime _runtime;
    private readonly string _id;
    private readonly Action<string>? _warn;
    private Process? _process; // until it is started
    private readonly ExternalContainer? _made;
    private bool _isPaused;

    [SetsRequiredMembers]
    private ForeignContainer(ExternalRuntime runtime, CreateRequest request, ExternalContainer made)
    {
        _runtime = runtime;
        _id = request.Id;
        _warn = request.Warn;
        _process = request.Spec.Process;
        _made = made;
        Pid = made.Pid;
        Pidfd = made.Pidfd;
        Cgroup = made.Cgroup;
        Terminal = made.Terminal;
    }

    [SetsRequiredMembers]
    private ForeignContainer(ExternalRuntime runtime, CreateRequest request, ContainerRuntimeState state, OwnedFd pidfd, bool isPaused)
    {
        _runtime = runtime;
        _id = request.Id;
        _warn = request.Warn;
        _isPaused = isPaused;
        Pid = state.Pid;
        Pidfd = pidfd;
        Cgroup = Cgroup.FromPaths(state.Cgroups);
        IsAdopted = true;
    }

    /// <inheritdoc/>
    public override bool IsPaused => _isPaused;

    /// <summary>Makes one.</summary>
    /// <exception cref="ContainerException">A step failed; nothing is left.</exception>
    public static ForeignContainer Create(ExternalRuntime runtime, CreateRequest request) => new(runtime, request, runtime.Create(request));

    /// <summary>One that another supervisor had made. The runtime knows best whether it is held.</summary>
    public static ForeignContainer Adopted(ContainerRuntimeState state, OwnedFd pidfd, CreateRequest request, ExternalRuntime runtime)
    {
        ForeignContainer adopted = new(runtime, request, state, pidfd, state.Status == ContainerStatus.Paused);
        adopted._isPaused = adopted.IsHeld();
        return adopted;
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _runtime.Start(_process!);
        _process = null;
    }

    /// <inheritdoc/>
    public override void Signal(int signal)
    {
        try
        {
            _runtime.Kill(signal);
        }
        catch (ContainerException gone) when (gone.Kind is ContainerErrorKind.Conflict or ContainerErrorKind.NotFound && Sys.pidfd_send_signal(Pidfd.Value, 0) < 0)
        {
            throw NotRunning(_id);
        }
        catch (Exception failed) when (signal == SIG.KILL && failed is LinuxException or ContainerException)
        {
            // Nobody may depend on a program of somebody else to end a container.
            _warn?.Invoke(failed.Message);
            int answer = Sys.pidfd_send_signal(Pidfd.Value, signal);
            if (Sys.Is(answer, Errno.ESRCH))
                throw NotRunning(_id);
            LinuxException.ThrowIfError(answer, "signal container", _id);
        }
    }

    /// <inheritdoc/>
    public override void Pause()
    {
        _runtime.Pause();
        _isPaused = true;
    }

    /// <inheritdoc/>
    public override void Resume()
    {
        if (!_isPaused)
            return;
        try
        {
            _runtime.Resume();
        }
        catch (ContainerException refused) when (!IsHeld())
        {
            _ = refused; // ignored: runtimes let go by themselves of what they kill
        }
        _isPaused = false;
    }

    /// <inheritdoc/>
    public override StartedProcess Exec(Process process, IReadOnlyList<int>? stdio, CgroupPart? part = null)
    {
        StartedProcess started = _runtime.Exec(process, stdio);
        try
        {
            part?.Joined.Join(started.Pid); // what it has started until now stays outside
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException)
        {
            _ = failed; // ignored: it has ended, or its runtime keeps it elsewhere; then it alone is killed when it takes too long
        }
        return started;
    }

    /// <inheritdoc/>
    public override void RunPoststop(Action<string> note)
    {
        try
        {
            _runtime.Delete();
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException)
        {
            note(failed.Message); // the next create deletes it, or the engine
        }
    }

    /// <inheritdoc/>
    public override void Abandon(Action<string> note)
    {
        _made?.Kill();
        try
        {
            Cgroup.Remove(kill: true);
        }
        catch (Exception left) when (left is LinuxException or ContainerException)
        {
            note(left.Message);
        }
        RunPoststop(note);
        Dispose();
    }

    private bool IsHeld()
    {
        try
        {
            return _runtime.ReadStatus() == "paused";
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException)
        {
            _warn?.Invoke(failed.Message); // the program may be gone; the container is not
            return _isPaused;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _made?.Dispose();
        base.Dispose();
    }
}
