using System.Globalization;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// Further processes in the container. Their stdio is the client's own, or a terminal whose master side the client gets:
/// the supervisor relays nothing and logs nothing. It only says how they ended.
/// </summary>
internal sealed class ExecDuty(EventLoop loop, ContainerDuty container) : IDisposable
{
    private readonly Dictionary<int, Running> _running = [];

    /// <summary>Starts one, and answers the client.</summary>
    /// <exception cref="ContainerException">It cannot be started.</exception>
    public void Run(ControlClient client, ControlRequest request)
    {
        Process process = request.Process ?? throw new ContainerException(ContainerErrorKind.InvalidArgument, "exec: no process given");
        List<OwnedFd> passed = client.PassedFds;
        if (passed.Count != 0 && (passed.Count != 3 || process.Terminal))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"exec: three fds or none expected, {passed.Count} passed");
        if (container.StartedAt is null)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{container.Config.Id}' is not running");
        // A new process would join a frozen cgroup, and the supervisor would wait for it.
        if (container.IsPaused)
            throw new ContainerException(ContainerErrorKind.Conflict, $"cannot exec in a paused container: '{container.Config.Id}'") { Hint = "unpause it first" };
        using StartedProcess started = container.Container.Exec(process, passed.Count == 0 ? null : [passed[0].Value, passed[1].Value, passed[2].Value]);
        OwnedFd? terminal = started.Terminal is { } master ? new OwnedFd(master.Release()) : null;
        OwnedFd? kept = request.Detach ? terminal : null;
        if (kept is not null)
            Discard(kept);
        Running running = new(request.Detach ? null : client, EventDuty.NewId(), kept);
        _running[started.Pid] = running;
        client.Send(new ControlResponse { Pid = started.Pid }, request.Detach ? null : terminal);
        string command = string.Join(' ', process.Args ?? []);
        container.Events.Tell($"exec_create: {command}", new KeyValuePair<string, string>("execID", running.Id));
        container.Events.Tell($"exec_start: {command}", new KeyValuePair<string, string>("execID", running.Id));
    }

    /// <summary>Takes note of an end; false where the process is none of these.</summary>
    public bool TryEnd(siginfo_t info)
    {
        if (!_running.Remove(info.si_pid, out Running? running))
            return false;
        running.Dispose(loop);
        ExitRecord record = ExitStatus.Of(info, running.StartedAt);
        container.Events.Tell("exec_die", new("execID", running.Id), new("exitCode", record.ExitCode.ToString(CultureInfo.InvariantCulture)));
        running.Client?.Send(record);
        return true;
    }

    /// <summary>The client is gone; what it started runs on.</summary>
    public void Forget(ControlClient client)
    {
        foreach (Running running in _running.Values)
        {
            if (running.Client == client)
                running.Client = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Running running in _running.Values)
            running.Dispose(loop);
    }

    // A detached process with a terminal must have somebody at the other end, or it would stand still at a full buffer.
    private void Discard(OwnedFd terminal)
    {
        StdioPipes.Ours(terminal);
        byte[] nowhere = new byte[1024];
        loop.Add(terminal, EPOLL.IN, events =>
        {
            nint got = Sys.read(terminal.Value, nowhere);
            if (got == 0 || (got < 0 && !Sys.Is(got, Errno.EAGAIN) && !Sys.Is(got, Errno.EINTR)))
                loop.Remove(terminal);
        });
    }

    private sealed class Running(ControlClient? client, string id, OwnedFd? terminal)
    {
        public ControlClient? Client { get; set; } = client;

        public string Id { get; } = id;

        public DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;

        public void Dispose(EventLoop loop)
        {
            if (terminal is null)
                return;
            loop.Remove(terminal);
            terminal.Dispose();
        }
    }
}
