using System.Globalization;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's end, in an order in which nothing is lost whenever the supervisor is killed:
///
///   1  count the out-of-memory kills, while the cgroup is there
///   2  remove the cgroup, with whatever is left in it: now nobody writes any more
///   3  read the output to its end, into the log and to clients; run the poststop hooks
///   4  exit.json; from here on the container has ended, and it is told in the event log
///   5  the socket goes, so that nobody comes to a supervisor that leaves; clients are told
///   6  wait until clients have taken what waits for them, a while
///   7  what <see cref="ExitPolicy"/> says
///
/// A restart policy would decide between 4 and 5.
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

    /// <summary>Nothing happens before <see cref="End"/>.</summary>
    public ExitDuty(EventLoop loop, Folders folders, ContainerDuty container, ControlSocket socket)
    {
        _loop = loop;
        _folders = folders;
        _container = container;
        _socket = socket;
        _timer = new Timer(loop, loop.Stop);
    }

    /// <summary>The first process has ended.</summary>
    public void End(siginfo_t info)
    {
        List<string> errors = [];
        bool oomKilled = false;
        Try(errors, () => oomKilled = _container.Container.Cgroup.OomKillCount() > 0);
        Try(errors, () => _container.Container.Cgroup.Remove(kill: true));
        Try(errors, _container.Stdio.Finish);
        Try(errors, _container.RunPoststop);
        _record = ExitStatus.Of(info, _container.StartedAt ?? default, oomKilled, errors.Count == 0 ? null : string.Join("; ", errors));
        FileIo.Replace(_folders.Run.Value, ExitRecord.FileName, _record.ToBytes(), 0x180 /* 0600 */, durable: false);
        if (oomKilled)
            _container.Events.Tell("oom");
        _container.Events.Tell("die", new KeyValuePair<string, string>("exitCode", _record.ExitCode.ToString(CultureInfo.InvariantCulture)));
        _socket.Close();
        Tell();
    }

    /// <summary>The last step, after the event loop.</summary>
    public void CleanUp()
    {
        if (_record is null)
            return;
        if (_container.Config.OnExit == ExitPolicy.Keep)
        {
            FileIo.Replace(_folders.Container.Value, ExitRecord.FileName, _record.ToBytes(), 0x180 /* 0600 */, durable: true);
        }
        else if (_container.Config.OnExit == ExitPolicy.Remove)
        {
            FolderRemoval.Remove(_folders.ContainerPath);
            FolderRemoval.Remove(_folders.RunPath);
            _container.Events.Tell("destroy");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        foreach (ControlClient client in _socket.Clients.ToArray())
        {
            if (client.AwaitsExit)
                client.Send(_record!);
            if (client.IsDrained)
                client.Dispose();
            else
                client.Pause(); // nothing that it asks for now could be done
        }
        _socket.Drained = client =>
        {
            client.Dispose();
            StopWhenAlone();
        };
        StopWhenAlone();
        if (_socket.Clients.Count > 0)
            _timer.Arm(FlushMs);
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
