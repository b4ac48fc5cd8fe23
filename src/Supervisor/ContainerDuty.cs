using System.Globalization;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The container itself: from its two documents to a running process, or to nothing again.</summary>
internal sealed class ContainerDuty : IDisposable
{
    // Everything waits for a hook, stop requests too; one that hangs must not keep them for ever.
    private const int HookSeconds = 120;

    private readonly Folders _folders;
    private readonly EventLoop _loop;
    private CreatedContainer? _container;
    private ContainerRuntimeState? _state;

    /// <summary>Reads the documents.</summary>
    /// <exception cref="LinuxException">A file cannot be read.</exception>
    /// <exception cref="SpecFormatException">One is not of its form.</exception>
    public ContainerDuty(Folders folders, EventLoop loop)
    {
        _folders = folders;
        _loop = loop;
        Config = SupervisorConfig.Read(FileIo.ReadFile(folders.Container.Value, SupervisorConfig.FileName));
        Events = new EventDuty(folders, Config);
        Spec = SpecReader.Read(FileIo.ReadFile(folders.Container.Value, "config.json", SpecReader.MaxBytes));
    }

    /// <summary>What the engine wants of this supervisor.</summary>
    public SupervisorConfig Config { get; }

    /// <summary>Where it is told what happens to the container.</summary>
    public EventDuty Events { get; }

    /// <summary>What the container is.</summary>
    public Spec Spec { get; }

    /// <summary>Its output; there from <see cref="Create"/> on.</summary>
    public StdioDuty Stdio { get; private set; } = null!;

    /// <summary>Its first process and its cgroup.</summary>
    public CreatedContainer Container => _container ?? throw new ContainerException(ContainerErrorKind.Conflict, $"container '{Config.Id}' is not created");

    /// <summary>When the user's program was started; null before.</summary>
    public DateTimeOffset? StartedAt => _state?.StartedAt;

    /// <summary>Whether all its processes are frozen.</summary>
    public bool IsPaused => Container.Cgroup.IsFrozen;

    /// <summary>Where it stands now.</summary>
    public ContainerRuntimeState State => _state!.Status == ContainerStatus.Running && IsPaused
        ? _state.With(ContainerStatus.Paused, _state.StartedAt)
        : _state;

    /// <summary>Makes the container; its program waits.</summary>
    /// <param name="rootMount">Its root file system, where it is not a folder.</param>
    /// <param name="network">Its network namespace; null to follow the spec.</param>
    /// <exception cref="ContainerException">A step failed; nothing is left.</exception>
    public void Create(OwnedFd? rootMount, OwnedFd? network)
    {
        JsonFileLog? log = Config.Log is { } wanted ? new JsonFileLog(wanted) : null;
        bool terminal = Spec.Process?.Terminal ?? false;
        using StdioPipes? pipes = terminal ? null : new StdioPipes(Spec, Config.OpenStdin);
        _container = CreateContainer.Run(new CreateRequest
        {
            Id = Config.Id,
            Bundle = _folders.ContainerPath,
            Spec = Spec,
            RootMount = rootMount,
            NetworkNamespace = network,
            Stdio = pipes?.Container,
            HookSeconds = HookSeconds,
            Warn = Note,
        });
        Stdio = pipes is null
            ? StdioDuty.OfTerminal(_loop, log, _container.Terminal ?? throw new ContainerException(ContainerErrorKind.Internal, "the container has no terminal"))
            : StdioDuty.OfPipes(_loop, log, pipes);
    }

    /// <summary>Puts the container on record, before its program runs: whoever comes later must find it.</summary>
    public void Record()
    {
        _state = new ContainerRuntimeState
        {
            Id = Config.Id,
            Status = ContainerStatus.Created,
            Pid = Container.Pid,
            PidStartTime = ProcStat.Read(Container.Pid).StartTime,
            SupervisorPid = Sys.getpid(),
            SupervisorStartTime = ProcStat.Read(Sys.getpid()).StartTime,
            Cgroups = Container.Cgroup.Paths,
        };
        Save();
    }

    /// <summary>Runs the user's program.</summary>
    /// <exception cref="ContainerException">It cannot be executed.</exception>
    public void Start()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Container.Start();
        _state = _state!.With(ContainerStatus.Running, now);
        Save();
        Events.Tell("start");
    }

    /// <summary>Signals the first process.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>, or <c>Conflict</c>: it is gone.</exception>
    public void Signal(int signal)
    {
        if (signal is < 1 or > 64)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown signal '{signal}'");
        int answer = Sys.pidfd_send_signal(Container.Pidfd.Value, signal);
        if (Sys.Is(answer, Errno.ESRCH))
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{Config.Id}' is not running");
        LinuxException.ThrowIfError(answer, "signal container", Config.Id);
        if (signal == SIG.KILL && IsPaused)
            Container.Cgroup.Thaw(); // a frozen process of v1 gets its death only when it runs again
        Events.Tell("kill", new KeyValuePair<string, string>("signal", signal.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Runs the poststop hooks, when nothing runs any more.</summary>
    public void RunPoststop()
    {
        Container.Rdt?.Undo();
        Container.Hooks?.RunPoststop(Note);
    }

    /// <summary>Undoes everything, for a container that was never started.</summary>
    public void Undo()
    {
        _container?.Abandon();
        _container?.Hooks?.RunPoststop(Note);
        _container = null;
        _ = Sys.unlinkat(_folders.Run.Value, ContainerRuntimeState.FileName, 0); // ignored: it may not have been written yet
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stdio?.Dispose();
        _container?.Dispose();
    }

    private void Note(string text) => Trouble.Note(_folders.Run, text);

    private void Save() => FileIo.Replace(_folders.Run.Value, ContainerRuntimeState.FileName, _state!.ToBytes(), 0x180 /* 0600 */, durable: false);
}
