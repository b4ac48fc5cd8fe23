using System.Globalization;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's end, in an order in which nothing is lost whenever the supervisor is killed:
///
///   1  count the out-of-memory kills, while the cgroup is there
///   2  remove the cgroup, with whatever is left in it: now nobody writes any more
///   3  read the output to its end, into the log and to clients; run the poststop hooks
///
/// Where the restart policy wants it again:
///
///   4  the end goes into state.json and the event log; clients that waited for it are told, and others stay
///   5  after a while the container is made again; a try that fails is an end too
///
/// Else:
///
///   4  volumes are given up; exit.json; from here on the container has ended, and it is told in the event log
///   5  the socket goes, so that nobody comes to a supervisor that leaves; clients are told
///   6  wait until clients have taken what waits for them, a while
///   7  what <see cref="ExitPolicy"/> says
/// </summary>
internal sealed class ExitDuty : IDisposable
{
    private const int FlushMs = 10_000;

    private readonly EventLoop _loop;
    private readonly Folders _folders;
    private readonly ContainerDuty _container;
    private readonly ControlSocket _socket;
    private readonly Timer _timer;
    private ExitRecord? _record;
    private bool _wasRestarted;

    /// <summary>Nothing happens before <see cref="End(siginfo_t)"/>.</summary>
    public ExitDuty(EventLoop loop, Folders folders, ContainerDuty container, ControlSocket socket)
    {
        _loop = loop;
        _folders = folders;
        _container = container;
        _socket = socket;
        _timer = new Timer(loop, loop.Stop);
        Restart = new RestartDuty(loop, Again);
    }

    /// <summary>What decides whether the container is made again.</summary>
    public RestartDuty Restart { get; }

    /// <summary>Called when the container has ended, before it is known what comes then.</summary>
    public Action Ended { get; set; } = () => { };

    /// <summary>Called when it has ended for good, before anybody is told.</summary>
    public Action Finishing { get; set; } = () => { };

    /// <summary>Called when it was started again.</summary>
    public Action Restarted { get; set; } = () => { };

    /// <summary>The first process has ended.</summary>
    public void End(siginfo_t info) => End(ExitStatus.Of(info, _container.StartedAt ?? default));

    /// <summary>The container waits for a start that nobody wants any more. Its end was told before.</summary>
    public void GiveUp()
    {
        Restart.Cancel();
        ExitRecord last = _container.LastExit!;
        Finish(last.With(last.RestartCount, Restart.IsStopped), isNew: false);
    }

    /// <summary>Whether the container has ended for good, and the supervisor only waits for clients.</summary>
    public bool IsOver => _record is not null;

    /// <summary>What the supervisor ends with: the container's exit code, for a service manager that watches it.</summary>
    public int Code => _record?.ExitCode ?? 0;

    /// <summary>The last step, after the event loop.</summary>
    public void CleanUp()
    {
        if (_record is null)
            return;
        if (_container.Config.OnExit == ExitPolicy.Keep)
        {
            FileIo.Replace(_folders.Container.Value, ExitRecord.FileName, _record.ToBytes(), 0x180 /* 0600 */, durable: true);
        }
        else if (_container.Config.OnExit == ExitPolicy.Remove || _wasRestarted) // who was to remove it waited for the end before
        {
            FolderRemoval.Remove(_folders.ContainerPath);
            FolderRemoval.Remove(_folders.RunPath);
            _container.Events.Tell("destroy");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        Restart.Dispose();
    }

    /// <summary>The first process has ended, as somebody else has told.</summary>
    public void End(ExitRecord how)
    {
        List<string> errors = [];
        if (how.Error is not null)
            errors.Add(how.Error);
        bool oomKilled = false;
        Ended();
        Try(errors, () => oomKilled = _container.Container.Cgroup.OomKillCount() > 0);
        Try(errors, () => _container.Container.Cgroup.Remove(kill: true));
        Try(errors, _container.Stdio.Finish);
        Try(errors, _container.RunPoststop);
        Decide(how.With(oomKilled, errors.Count == 0 ? null : string.Join("; ", errors)), _container.RanMilliseconds);
    }

    private void Decide(ExitRecord how, long ranMilliseconds)
    {
        ExitRecord record = how.With(_container.RestartCount, Restart.IsStopped);
        if (!Restart.Wants(Policy(), record))
        {
            Finish(record, isNew: true);
            return;
        }
        _wasRestarted = true;
        _container.AwaitRestart(record, Restart.IsOfUser);
        TellOf(record);
        Restart.Wait(ranMilliseconds);
        Tell(record, client => client.AwaitsExit);
    }

    private void Again()
    {
        try
        {
            _container.Again();
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException or SpecFormatException)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            SupervisorFailure failure = SupervisorFailure.Of(failed);
            ExitRecord attempt = new() { ExitCode = failure.ExitCode, StartedAt = now, FinishedAt = now, Error = failure.Message };
            Decide(attempt, ranMilliseconds: 0);
            AnswerStart(NotStarted(attempt)); // the policy may try for ever
            return;
        }
        Restarted();
        AnswerStart(ControlResponse.Done);
    }

    // A document that cannot be read is no reason to lose an exit: then the policy is the one that was read last.
    private RestartPolicy Policy()
    {
        try
        {
            return _container.ReadPolicy();
        }
        catch (Exception failed) when (failed is LinuxException or SpecFormatException)
        {
            Trouble.Note(_folders.Run, failed.Message);
            return _container.Config.Restart;
        }
    }

    private void Finish(ExitRecord record, bool isNew)
    {
        _record = record;
        Finishing();
        _container.ReleaseMounts(); // before anyone hears of the end, and removes a volume
        FileIo.Replace(_folders.Run.Value, ExitRecord.FileName, record.ToBytes(), 0x180 /* 0600 */, durable: false);
        if (isNew)
            TellOf(record);
        _socket.Close();
        _socket.Left = StopWhenAlone;
        AnswerStart(NotStarted(record));
        Tell(record, _ => true);
        StopWhenAlone();
        if (_socket.Clients.Count > 0)
            _timer.Arm(FlushMs);
    }

    private void TellOf(ExitRecord record)
    {
        if (record.OomKilled)
            _container.Events.Tell("oom");
        _container.Events.Tell("die", new KeyValuePair<string, string>("exitCode", record.ExitCode.ToString(CultureInfo.InvariantCulture)));
    }

    // Nothing that those who leave ask for now could be done.
    private void Tell(ExitRecord record, Predicate<ControlClient> leaves)
    {
        foreach (ControlClient client in _socket.Clients.ToArray())
        {
            if (client.AwaitsExit)
                client.Send(record);
            if (leaves(client))
                client.EndWhenSent();
        }
    }

    private void AnswerStart(ControlResponse answer)
    {
        foreach (ControlClient client in _socket.Clients.Where(client => client.AwaitsStart).ToArray())
        {
            client.AwaitsStart = false;
            client.Send(answer);
        }
    }

    private ControlResponse NotStarted(ExitRecord record)
    {
        string message = $"container '{_container.Config.Id}' has ended, and was not started again{(record.Error is { } error ? $": {error}" : "")}";
        return new ControlResponse { Failure = new SupervisorFailure(ContainerErrorKind.Conflict, message, null, SupervisorFailure.OwnFailure) };
    }

    private void StopWhenAlone()
    {
        if (_socket.Clients.Count == 0)
            _loop.Stop();
    }

    private static void Try(List<string> errors, Action step)
    {
        try
        {
            step();
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException)
        {
            errors.Add(failed.Message);
        }
    }
}
