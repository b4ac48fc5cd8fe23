using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// Checks the container's health. Between two checks one timer is armed and nothing else happens:
/// <code>
///   Begin ──► timer ──► a process, its output in a pipe, a timer for its longest time
///               ▲         │ it ends, or is killed with all that it has started
///               └─────────┴► health.json, where it changed state.json, the event log; what --on-unhealthy says
/// </code>
/// </summary>
internal sealed class HealthDuty : IDisposable
{
    private const string PartName = "rundlet.health";

    private readonly EventLoop _loop;
    private readonly Folders _folders;
    private readonly ContainerDuty _container;
    private readonly Timer _timer;
    private readonly byte[] _output = new byte[HealthProbe.MaxOutput];
    private HealthState _state = new();
    private CgroupPart? _part;
    private OwnedFd? _pipe;
    private DateTimeOffset _began;
    private bool _beganInStartPeriod;
    private bool _isOverdue;
    private int _length;
    private int _pid;

    /// <summary>Nothing happens before <see cref="Begin"/>.</summary>
    public HealthDuty(EventLoop loop, Folders folders, ContainerDuty container)
    {
        _loop = loop;
        _folders = folders;
        _container = container;
        _timer = new Timer(loop, Due);
    }

    /// <summary>Called when it has become unhealthy.</summary>
    public Action<UnhealthyAction> Unhealthy { get; set; } = _ => { };

    private HealthConfig? Config => _container.Config.Health;

    private bool IsInStartPeriod => _state.Status == HealthStatus.Starting && _container.RanMilliseconds < Config!.StartPeriodMs;

    /// <summary>The container was started.</summary>
    public void Begin()
    {
        End();
        if (Config is null)
            return;
        _state = new HealthState();
        Save();
        Arm();
    }

    /// <summary>The container was taken over from a supervisor that was killed, perhaps in the middle of a check.</summary>
    public void Continue()
    {
        if (Config is null)
            return;
        try
        {
            _state = HealthState.TryReadIn(_folders.RunPath) ?? new HealthState();
        }
        catch (SpecFormatException damaged)
        {
            Trouble.Note(_folders.Run, damaged.Message); // begins anew
        }
        _part = CgroupPart.TryMake(_container.Container.Cgroup, PartName);
        KillRest();
        Arm();
    }

    /// <summary>The container has ended, and a check with it.</summary>
    public void End()
    {
        _timer.Dispose();
        ClosePipe();
        _part?.Dispose();
        _part = null;
        _pid = 0;
    }

    /// <summary>Takes note of an end; false where the process is not a check.</summary>
    public bool TryEnd(siginfo_t info)
    {
        if (_pid == 0 || info.si_pid != _pid)
            return false;
        _pid = 0;
        KillRest();
        Read();
        ClosePipe();
        string output = Encoding.UTF8.GetString(_output, 0, _length);
        Conclude(_isOverdue
            ? Probe(HealthProbe.NotFinished, $"Health check exceeded timeout ({Config!.TimeoutMs} ms){(output.Length == 0 ? "" : ": " + output)}")
            : Probe(ExitStatus.Of(info, default).ExitCode, output));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => End();

    // The next check is due, or the one that runs is overdue.
    private void Due()
    {
        if (_pid != 0)
        {
            _isOverdue = true;
            _ = Sys.kill(_pid, SIG.KILL); // ignored: it is our child, and not reaped yet
            KillRest();
            return;
        }
        // A new process would join a frozen cgroup, and the supervisor would wait for it.
        if (_container.IsPaused)
        {
            Arm();
            return;
        }
        _began = DateTimeOffset.UtcNow;
        _beganInStartPeriod = IsInStartPeriod;
        _isOverdue = false;
        _length = 0;
        try
        {
            Start();
            _timer.Arm(Config!.TimeoutMs);
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            ClosePipe();
            Conclude(Probe(HealthProbe.NotFinished, failed.Message));
        }
    }

    private void Start()
    {
        LinuxException.ThrowIfError(Sys.pipe2(out int reading, out int writing, 0), "pipe2");
        _pipe = StdioPipes.Ours(new OwnedFd(reading));
        using OwnedFd theirs = new(writing);
        _part ??= CgroupPart.TryMake(_container.Container.Cgroup, PartName);
        // Our own stdin is /dev/null.
        using StartedProcess started = _container.Container.Exec(ProcessOf(_container.Spec.Process!, Config!), [0, writing, writing], _part);
        _pid = started.Pid;
        _loop.Add(_pipe, EPOLL.IN, _ => Read());
    }

    private static Process ProcessOf(Process own, HealthConfig health) => new()
    {
        Args = [.. health.Command],
        Cwd = own.Cwd,
        User = own.User,
        Env = own.Env,
        Capabilities = own.Capabilities,
        Rlimits = own.Rlimits,
        NoNewPrivileges = own.NoNewPrivileges,
        ApparmorProfile = own.ApparmorProfile,
        SelinuxLabel = own.SelinuxLabel,
        OomScoreAdj = own.OomScoreAdj,
    };

    // The beginning is kept, the rest is read and dropped: a check that writes much must not stand still.
    private void Read()
    {
        if (_pipe is null)
            return;
        Span<byte> nowhere = stackalloc byte[1024];
        while (true)
        {
            bool isFull = _length == _output.Length;
            nint got = Sys.read(_pipe.Value, isFull ? nowhere : _output.AsSpan(_length));
            if (got <= 0)
            {
                if (!Sys.Is(got, Errno.EAGAIN) && !Sys.Is(got, Errno.EINTR))
                    ClosePipe();
                return;
            }
            if (!isFull)
                _length += (int)got;
            else if (_pid != 0)
                return; // the loop comes back: one that writes for ever must not keep everything else from happening
        }
    }

    private HealthProbe Probe(int exitCode, string output) => new() { Start = _began, End = DateTimeOffset.UtcNow, ExitCode = exitCode, Output = output };

    private void Conclude(HealthProbe probe)
    {
        HealthStatus before = _state.Status;
        _state = _state.After(probe, Config!.Retries, _beganInStartPeriod);
        Save();
        Arm();
        if (_state.Status == before)
            return;
        _container.Events.Tell($"health_status: {HealthState.NameOf(_state.Status)}");
        if (_state.Status == HealthStatus.Unhealthy)
            Unhealthy(Config!.OnUnhealthy);
    }

    private void Save()
    {
        FileIo.Replace(_folders.Run.Value, HealthState.FileName, _state.ToBytes(), 0x180 /* 0600 */, durable: false);
        _container.RecordHealth(_state.Status);
    }

    private void Arm() => _timer.Arm(IsInStartPeriod ? Config!.StartIntervalMs : Config!.IntervalMs);

    // Whatever a check has started goes with it.
    private void KillRest()
    {
        try
        {
            if (_part is { IsEmpty: false })
                _part.Kill();
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            Trouble.Note(_folders.Run, $"health check: {failed.Message}");
        }
    }

    private void ClosePipe()
    {
        if (_pipe is null)
            return;
        _loop.Remove(_pipe);
        _pipe.Dispose();
        _pipe = null;
    }
}
