using System.Net;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Network;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>
/// A container on its way from "made" to "running", in steps between which a caller may attach:
/// <code>
///   Begin ───► supervisor is started;  a thread makes the network namespace meanwhile
///              namespace handed over;  addresses and ports are set up while the supervisor makes the container
///   WaitCreated ─► attach here: no byte of output is lost
///   Go ──────► its program runs
/// </code>
/// Disposed before <see cref="Go"/> has come back, everything is undone.
/// </summary>
public sealed class ContainerStart : IDisposable
{
    private const int UndoMilliseconds = 10_000;

    private readonly ContainerEngine _engine;
    private readonly ContainerRecord _record;
    private readonly ContainerOptions _options;
    private readonly IReadOnlyList<EndpointRecord> _endpoints;
    private readonly SupervisorLaunch _launch;
    private ContainerNamespace? _namespace;
    private bool _isRunning;

    private ContainerStart(ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints, SupervisorLaunch launch)
    {
        _engine = engine;
        _record = record;
        _options = options;
        _endpoints = endpoints;
        _launch = launch;
    }

    /// <summary>Why the program did not start, with the exit code for it: 125, 126 or 127; null otherwise.</summary>
    public SupervisorFailure? Failure => _launch.Failure;

    /// <summary>The run folder, where a client connects.</summary>
    public string RunFolder => _engine.Paths.Live(_record.Id);

    /// <summary>Starts the supervisor and sets up the network. The caller holds the claim.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="options">Its options.</param>
    /// <param name="endpoints">The networks that it is to be on; null where they must be looked up.</param>
    /// <param name="prepared">A network namespace that is being made already; null to begin with it now.</param>
    /// <param name="restartCount">How often its restart policy has started it again, this time included; 0 for a start by a user.</param>
    /// <exception cref="ContainerException">Why not; everything is undone.</exception>
    public static ContainerStart Begin(ContainerEngine engine, ContainerRecord record, ContainerOptions options, IReadOnlyList<EndpointRecord>? endpoints = null, Task<ContainerNamespace>? prepared = null, int restartCount = 0)
    {
        endpoints ??= ContainerEndpoints.Of(engine, record.Id, options);
        NetworkMode mode = StartContainer.ParseNetwork(options.Network);
        SharedContainers.RequireRunning(engine, options);
        if (StartContainer.MakesNetwork(options))
            prepared ??= ContainerNetwork.Prepare();
        string runFolder = engine.Paths.Live(record.Id);
        ContainerStart? start = null;
        try
        {
            ContainerEngine.EnsureFolder(runFolder);
            RemoveOldExit(engine.Paths.Container(record.Id));
            ContainerSecrets.Write(engine, runFolder, options);
            Relabelling.Run(engine.Volumes, options);
            start = new ContainerStart(engine, record, options, endpoints, SupervisorLaunch.Begin(engine.SupervisorProgram, engine.Paths.Container(record.Id), runFolder));
            start._namespace = prepared?.GetAwaiter().GetResult();
            start._launch.SendNetwork(start._namespace?.Fd, restartCount);
            if (start._namespace is not null || mode == NetworkMode.Host)
                start.SetUpNetwork(mode);
            return start;
        }
        catch
        {
            if (start is not null)
                start.Dispose();
            else
                Folders.Remove(engine.Paths.LiveContainers, record.Id);
            throw;
        }
        finally
        {
            if (start?._namespace is null)
                Abandon(prepared);
        }
    }

    /// <summary>Waits until the container is there and waits for its start.</summary>
    /// <returns>The pid of its first process.</returns>
    /// <exception cref="ContainerException">Why not; dispose this object.</exception>
    public int WaitCreated(CancellationToken cancellation = default)
    {
        int pid = _launch.WaitCreated(cancellation);
        NetworkMode mode = StartContainer.ParseNetwork(_options.Network);
        if (_namespace is null && mode != NetworkMode.Host)
        {
            _namespace = ContainerNamespace.Of(pid);
            SetUpNetwork(mode);
        }
        return pid;
    }

    /// <summary>Lets the program start, and waits until it runs.</summary>
    /// <exception cref="ContainerException">Why not; see <see cref="Failure"/>; dispose this object.</exception>
    public void Go(CancellationToken cancellation = default)
    {
        _launch.Start(cancellation);
        _isRunning = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _launch.Dispose();
        _namespace?.Dispose();
        if (_isRunning)
            return;
        AwaitSupervisor();
        // A supervisor that was killed has undone nothing.
        if (ContainerStanding.Read(_engine.Paths, _record.Id).State is { } state)
            Orphan.EndOf(state);
        else
            Settle.RemoveCgroup(_record.Id, _options.CgroupParent); // it was killed before it had written that it made one
        Settle.ForgetAtRuntime(_engine, _record.Id);
        if (ContainerEndpoints.AreOurs(_options.Network))
            Settle.LeaveNetworks(_engine, _record.Id, NetworkNote.TryRead(_engine.Paths, _record.Id));
        Folders.Remove(_engine.Paths.LiveContainers, _record.Id);
    }

    private void SetUpNetwork(NetworkMode mode)
    {
        if (mode == NetworkMode.None)
            _namespace!.SetUpLoopback();
        if (mode != NetworkMode.Bridge)
        {
            new NetworkNote { Mode = _options.Network }.Save(_engine.Paths, _record.Id);
            return;
        }
        var request = new NetworkRequest(_record.Id, mode)
        {
            Endpoints = [.. _endpoints.Select(endpoint => NetworkDefinitions.Of(_engine, endpoint))],
            Ports = PublishedPorts.Of(_options),
        };
        NetworkNote note = NetworkNote.Of(_engine.Network.Connect(request, _namespace));
        note.Save(_engine.Paths, _record.Id);
        if (note.Ports.Count > 0)
            ListenedPorts.Write(_engine, _record.Id, note);
        // Behind the note: whoever cleans up reads there what is to be removed.
        if (_endpoints.Any(endpoint => ContainerEndpoints.HasNames(endpoint.Network)))
            NetworkNameFiles.Write(_engine, _record, _options, _endpoints, note);
        foreach (EndpointRecord endpoint in _endpoints)
            _engine.Networks.Tell("connect", endpoint.Network.Id, endpoint.Network.Name, endpoint.Network.Driver, _record.Id);
        NameFiles.WriteHosts(_engine.Paths.Container(_record.Id), _options, _options.Hostname ?? _record.ShortId, note);
    }

    /// <summary>Lets go of a network namespace that is still being made.</summary>
    internal static void Abandon(Task<ContainerNamespace>? prepared) => prepared?.ContinueWith(
        static made =>
        {
            if (made.IsCompletedSuccessfully)
                made.Result.Dispose();
            else
                _ = made.Exception; // ignored: the error that made it needless is told
        },
        TaskScheduler.Default);

    // The supervisor undoes its part when the line closes; what it uses must stay until it has ended.
    private void AwaitSupervisor()
    {
        int pidfd = Sys.pidfd_open(_launch.SupervisorPid);
        if (pidfd < 0)
            return; // it has ended and somebody has reaped it
        using OwnedFd supervisor = new(pidfd);
        Span<pollfd> ends = [new pollfd { fd = pidfd, events = POLL.IN }];
        _ = Sys.poll(ends, UndoMilliseconds); // ignored: one that hangs is left to the next command
    }

    private static void RemoveOldExit(string folder)
    {
        int answer = Sys.unlinkat(Sys.AT_FDCWD, $"{folder}/{ExitRecord.FileName}", 0);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "unlink", $"{folder}/{ExitRecord.FileName}");
    }
}
