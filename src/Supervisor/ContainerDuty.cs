using System.Globalization;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container itself: from its two documents to a running process, or to nothing again. A restart policy does this several
/// times, each time with the documents as they are then, the same log and the same network namespace:
/// <code>
///   Create ─► Record ─► Start ─► (it ends) ─► AwaitRestart ─► Again = Create, Record, Start
///     └────────┴─ Undo
/// </code>
/// </summary>
internal sealed class ContainerDuty : IDisposable
{
    // Everything waits for a hook, stop requests too; one that hangs must not keep them for ever.
    private const int HookSeconds = 120;

    private readonly Folders _folders;
    private readonly EventLoop _loop;
    private ContainerLog? _log;
    private LiveContainer? _container;
    private ContainerRuntimeState? _state;
    private readonly MountDuty _mounts = new();
    private OwnedFd? _network;
    private OwnedFd? _users;
    private long _startedTicks;
    private Spec? _spec;

    /// <summary>Reads the documents.</summary>
    /// <exception cref="LinuxException">A file cannot be read.</exception>
    /// <exception cref="SpecFormatException">One is not of its form.</exception>
    public ContainerDuty(Folders folders, EventLoop loop)
    {
        _folders = folders;
        _loop = loop;
        Config = ReadConfig();
        _spec = ReadSpec();
        Events = new EventDuty(folders, Config);
    }

    /// <summary>What the engine wants of this supervisor.</summary>
    public SupervisorConfig Config { get; private set; }

    /// <summary>Where it is told what happens to the container.</summary>
    public EventDuty Events { get; }

    /// <summary>What the container is; read again where it was forgotten.</summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    /// <exception cref="ContainerException">It is not of its form.</exception>
    public Spec Spec
    {
        get
        {
            try
            {
                return _spec ??= ReadSpec();
            }
            catch (SpecFormatException damaged)
            {
                throw new ContainerException(ContainerErrorKind.Internal, $"config.json of container '{Config.Id}' is damaged", damaged);
            }
        }
    }

    /// <summary>Its output; there from <see cref="Create"/> on. Between two lives, what is left of the last one's.</summary>
    public StdioDuty Stdio { get; private set; } = null!;

    /// <summary>Its first process and its cgroup.</summary>
    /// <exception cref="ContainerException">Conflict: it waits for its restart.</exception>
    public LiveContainer Container => _container
        ?? throw new ContainerException(ContainerErrorKind.Conflict, $"container '{Config.Id}' is restarting") { Hint = "wait until it runs" };

    /// <summary>Its network namespace, the same for all its lives; null where it has none of its own.</summary>
    public OwnedFd? Network => _network;

    /// <summary>The pid of its first process; 0 between two lives.</summary>
    public int Pid => _container?.Pid ?? 0;

    /// <summary>When the user's program was started the last time; null before.</summary>
    public DateTimeOffset? StartedAt => _state?.StartedAt;

    /// <summary>How often its restart policy has started it again.</summary>
    public int RestartCount => _state?.RestartCount ?? 0;

    /// <summary>Its end before the start that it waits for; null where it does not wait.</summary>
    public ExitRecord? LastExit => _state?.LastExit;

    /// <summary>For how long it has run since, in milliseconds; unmoved by what people do to the clock.</summary>
    public long RanMilliseconds => Environment.TickCount64 - _startedTicks;

    /// <summary>Whether all its processes are frozen.</summary>
    public bool IsPaused => Container.IsPaused;

    /// <summary>Where it stands now.</summary>
    public ContainerRuntimeState State => _state!.Status is ContainerStatus.Running or ContainerStatus.Paused
        ? _state with { Status = IsPaused ? ContainerStatus.Paused : ContainerStatus.Running }
        : _state;

    /// <summary>Makes the container; its program waits.</summary>
    /// <param name="rootMount">Its root file system, where it is not a folder.</param>
    /// <param name="network">Its network namespace, for all its lives; taken over. Null to follow the spec.</param>
    /// <exception cref="ContainerException">A step failed; nothing is left.</exception>
    public void Create(OwnedFd? rootMount, OwnedFd? network)
    {
        _network = network;
        bool terminal = Spec.Process?.Terminal ?? false;
        _mounts.Take(Config);
        Dictionary<string, OwnedFd> sources = MountDuty.Open(Config);
        try
        {
            _log ??= ContainerLog.Open(Config.Log, _loop, _folders.Run, adopts: false);
            using StdioPipes? pipes = terminal ? null : StdioPipes.Make(_folders.Run, Spec, Config.OpenStdin);
            using JoinedNamespaces? joined = JoinedNamespaces.Open(Spec, _folders.RunPath, _users);
            joined?.AddMounts(sources);
            CreateRequest request = Request(rootMount, pipes?.Container, sources);
            _container = Runtime is { } runtime ? ForeignContainer.Create(runtime, request) : OwnContainer.Create(request, () => Spec);
            if (_users is not null && _network is null && HasOwnNetwork)
                _network = FileIo.Open(Sys.AT_FDCWD, $"/proc/{_container.Pid}/ns/net", O.RDONLY); // made in there, and for all lives too
            Stdio?.Dispose();
            Stdio = pipes is null
                ? StdioDuty.OfTerminal(_loop, _log, _container.Terminal ?? throw new ContainerException(ContainerErrorKind.Internal, "the container has no terminal"))
                : StdioDuty.OfPipes(_loop, _log, pipes);
        }
        catch
        {
            Abandon();
            throw;
        }
        finally
        {
            MountDuty.Close(sources);
        }
    }

    /// <summary>Takes over a container whose supervisor was killed.</summary>
    /// <exception cref="ContainerException">NotFound: it is not running any more. What it wrote is in the log.</exception>
    public void Adopt()
    {
        ContainerRuntimeState state = ContainerRuntimeState.Read(FileIo.ReadFile(_folders.Run.Value, ContainerRuntimeState.FileName));
        LiveContainer? live = state.Status is ContainerStatus.Running or ContainerStatus.Paused ? LiveContainer.TryAdopt(state, Request(null, null), () => Spec, Runtime) : null;
        if (live is null)
        {
            AdoptStdio();
            Stdio.Finish();
            throw new ContainerException(ContainerErrorKind.NotFound, $"container '{Config.Id}' has ended");
        }
        _container = live;
        _mounts.Keep(Config);
        _users = HasUsers ? FileIo.Open(Sys.AT_FDCWD, $"/proc/{live.Pid}/ns/user", O.RDONLY) : null;
        _network = HasOwnNetwork ? FileIo.Open(Sys.AT_FDCWD, $"/proc/{live.Pid}/ns/net", O.RDONLY) : null;
        _startedTicks = Environment.TickCount64 - MillisecondsSince(state.PidStartTime);
        AdoptStdio();
        _state = state with
        {
            Status = live.IsPaused ? ContainerStatus.Paused : ContainerStatus.Running, // the one before may not have come to note it
            SupervisorPid = Sys.getpid(),
            SupervisorStartTime = ProcStat.Read(Sys.getpid()).StartTime,
        };
        Save();
    }

    /// <summary>Puts the container on record, before its program runs: whoever comes later must find it.</summary>
    /// <param name="restartCount">How often its policy has started it again, this time included.</param>
    public void Record(int restartCount)
    {
        _state = new ContainerRuntimeState
        {
            Id = Config.Id,
            Status = ContainerStatus.Created,
            Pid = Container.Pid,
            PidStartTime = ProcStat.Read(Container.Pid).StartTime,
            SupervisorPid = Sys.getpid(),
            SupervisorStartTime = ProcStat.Read(Sys.getpid()).StartTime,
            RestartCount = restartCount,
            LastExit = _state?.LastExit,
            Cgroups = Container.Cgroup.Paths,
        };
        Save();
    }

    /// <summary>Runs the user's program.</summary>
    /// <exception cref="ContainerException">It cannot be executed.</exception>
    public void Start()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _startedTicks = Environment.TickCount64;
        Container.Start();
        _state = _state! with { Status = ContainerStatus.Running, StartedAt = now };
        Save();
        foreach (MountSource mount in Config.Mounts)
            Events.TellOfVolume("mount", mount);
        Events.Tell("start");
    }

    /// <summary>Forgets the spec, most of what a supervisor would have to remember, until it is asked for again.</summary>
    public void Forget() => _spec = null;

    /// <summary>Leaves a word in the container's folder, in case the machine goes down; after the start, for which nobody has to wait.</summary>
    public void NoteStart()
    {
        if (Config.OnExit == ExitPolicy.Keep)
            FileIo.Replace(_folders.Container.Value, ExitRecord.FileName, ExitRecord.Lost(StartedAt ?? default, RestartCount).ToBytes(), 0x180 /* 0600 */, durable: false);
    }

    /// <summary>Notes its health, for those who list containers.</summary>
    public void RecordHealth(HealthStatus health)
    {
        if (_state!.Health == health)
            return;
        _state = _state with { Health = health };
        Save();
    }

    /// <summary>Notes an end after which the container is to be started again. What was left of it must be gone.</summary>
    /// <param name="exit">The end.</param>
    /// <param name="isOfUser">Whether a user asked for the start: then the policy counts from the beginning.</param>
    public void AwaitRestart(ExitRecord exit, bool isOfUser)
    {
        _container?.Dispose();
        _container = null;
        _state = _state!.Restarting(exit);
        if (isOfUser)
            _state = _state with { RestartCount = 0 };
        Save();
    }

    /// <summary>Makes and starts it once more.</summary>
    /// <exception cref="ContainerException">A step failed; nothing is left but the record.</exception>
    public void Again()
    {
        Config = ReadConfig();
        _spec = ReadSpec();
        using OwnedFd? root = Config.Overlay is { } overlay ? RootMount.Make(overlay, OpenUsers()) : null;
        Create(root, _network);
        try
        {
            Record(_state!.RestartCount);
            Start();
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    /// <summary>The restart policy as it is now.</summary>
    public RestartPolicy ReadPolicy() => ReadConfig().Restart;

    /// <summary>Freezes all processes.</summary>
    /// <exception cref="ContainerException">There is no freezer, or some process did not stop.</exception>
    public void Pause()
    {
        Container.Pause();
        Note(ContainerStatus.Paused);
        Events.Tell("pause");
    }

    /// <summary>Lets them run again.</summary>
    public void Resume()
    {
        Container.Resume();
        Note(ContainerStatus.Running);
        Events.Tell("unpause");
    }

    /// <summary>Signals the first process.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>, or <c>Conflict</c>: it is gone.</exception>
    public void Signal(int signal)
    {
        RequireSignal(signal);
        Container.Signal(signal);
        if (signal == SIG.KILL && IsPaused)
            Resume(); // a frozen process of v1 gets its death only when it runs again
        Events.Tell("kill", new KeyValuePair<string, string>("signal", signal.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Refuses what is no signal.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>.</exception>
    public static void RequireSignal(int signal)
    {
        if (signal is < 1 or > 64)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown signal '{signal}'");
    }

    /// <summary>Empties the log.</summary>
    /// <exception cref="ContainerException">Unsupported: there is none, or it cannot be emptied.</exception>
    public void ClearLog() => (_log ?? throw new ContainerException(ContainerErrorKind.Unsupported, $"container '{Config.Id}' keeps no log")).Clear();

    /// <summary>Runs the poststop hooks, when nothing runs any more.</summary>
    public void RunPoststop() => _container?.RunPoststop(Note);

    /// <summary>Gives up the file systems of volumes: what nobody else uses is unmounted.</summary>
    public void ReleaseMounts()
    {
        _mounts.Dispose();
        foreach (MountSource mount in Config.Mounts)
            Events.TellOfVolume("unmount", mount);
    }

    /// <summary>Undoes everything, for a container that was never started.</summary>
    public void Undo()
    {
        Abandon();
        _ = Sys.unlinkat(_folders.Run.Value, ContainerRuntimeState.FileName, 0); // ignored: it may not have been written yet
    }

    /// <summary>The user namespace of the container, the same for all its lives; null where it has the host's.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="ContainerException">Conflict: it is that of a container that does not run.</exception>
    public OwnedFd? OpenUsers()
    {
        if (_users is null && HasUsers)
            _users = JoinedNamespaces.OpenUsers(Spec.Linux!, _folders.RunPath);
        return _users;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stdio?.Dispose();
        _log?.Dispose();
        _container?.Dispose();
        _network?.Dispose();
        _mounts.Dispose();
        _users?.Dispose();
    }

    // Null where the container is made in this process.
    private ExternalRuntime? Runtime => Config.Runtime is { } program ? new ExternalRuntime(program, Config.Id, _folders.RunPath) : null;

    private bool HasUsers => Spec.Linux?.UidMappings is { Count: > 0 };

    // The one that the engine made is not in the spec, and would be gone with the last who has it.
    private bool HasOwnNetwork => Spec.Linux?.Namespaces?.Exists(one => one.Type == "network" && string.IsNullOrEmpty(one.Path)) ?? false;

    private static long MillisecondsSince(ulong startTicks)
    {
        const long MillisecondsPerTick = 10; // USER_HZ, in which procfs counts, is 100 everywhere
        LinuxException.ThrowIfError(Sys.clock_gettime(CLOCK.BOOTTIME, out timespec now), "clock_gettime");
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000 - (long)startTicks * MillisecondsPerTick;
    }

    private void AdoptStdio()
    {
        _log = ContainerLog.Open(Config.Log, _loop, _folders.Run, adopts: true);
        using StdioPipes? pipes = StdioPipes.TryOpen(_folders.Run, Config.OpenStdin && !Config.StdinOnce);
        Stdio = StdioDuty.Adopted(_loop, _log, pipes);
    }

    private void Abandon()
    {
        _container?.Abandon(Note);
        _container = null;
        StdioPipes.Remove(_folders.Run);
    }

    private CreateRequest Request(OwnedFd? rootMount, IReadOnlyList<int>? stdio, IReadOnlyDictionary<string, OwnedFd>? detached = null) => new()
    {
        Id = Config.Id,
        Bundle = _folders.ContainerPath,
        Spec = Spec,
        RootMount = rootMount,
        NetworkNamespace = _network,
        DetachedSources = detached,
        Stdio = stdio,
        BlockedSignals = Config.Init ? ulong.MaxValue : 0,
        HookSeconds = HookSeconds,
        Warn = Note,
    };

    private SupervisorConfig ReadConfig() => SupervisorConfig.Read(FileIo.ReadFile(_folders.Container.Value, SupervisorConfig.FileName));

    private Spec ReadSpec() => SpecReader.Read(FileIo.ReadFile(_folders.Container.Value, "config.json", SpecReader.MaxBytes));

    private void Note(string text) => Trouble.Note(_folders.Run, text);

    private void Note(ContainerStatus status)
    {
        if (_state is not { Status: ContainerStatus.Running or ContainerStatus.Paused } || _state.Status == status)
            return;
        _state = _state with { Status = status };
        Save();
    }

    private void Save() => FileIo.Replace(_folders.Run.Value, ContainerRuntimeState.FileName, _state!.ToBytes(), 0x180 /* 0600 */, durable: false);
}
