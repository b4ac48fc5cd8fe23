using System.Security.Cryptography;
using System.Text;
using Rundlet.Engine.Events;
using Rundlet.Engine.Images;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Secrets;
using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine;

// What belongs in this project: what people call a container, put together from images, networks and one supervisor a
// container. Operations/ has one file a verb; Options/ turns what people write into values; Specs/ turns values into an OCI
// spec; Volumes/ is data that outlives containers; Events/ tells and reads what happens; Lifecycle/ knows where a container stands and
// repairs what a crash left; State/ is SQLite. What does not belong here: command lines, tables, HTTP.

/// <summary>
/// The engine of one root. It has no thread and no process of its own: opening it reads one file and repairs what a killed
/// command left, and everything that lives does so in supervisors.
/// </summary>
public sealed class ContainerEngine : IDisposable
{
    private const uint PrivateFolder = 0x1C0; // 0700

    private readonly Database _database;
    private readonly string? _supervisor;
    private readonly Func<Stream?>? _embedded;
    private readonly List<Exception> _warnings = [];
    private ImageCatalog? _images;
    private ContainerNetwork? _network;

    private ContainerEngine(EnginePaths paths, string? supervisor, Func<Stream?>? embedded, Database database)
    {
        Paths = paths;
        _supervisor = supervisor;
        _embedded = embedded;
        _database = database;
        Containers = new ContainerTable(database);
        Facts = new FactTable(database);
        IdRanges = new IdRangeTable(database);
        Events = new EngineEvents(paths);
        Volumes = new VolumeStore(paths, database, Events);
        Networks = new NetworkStore(database, Events, () => Network);
        ClaimedThings = new ClaimedThings(database);
    }

    /// <summary>Where everything lies.</summary>
    public EnginePaths Paths { get; }

    /// <summary>The rows of containers.</summary>
    public ContainerTable Containers { get; }

    /// <summary>The volumes.</summary>
    public VolumeStore Volumes { get; }

    /// <summary>The networks, as they are kept.</summary>
    public NetworkStore Networks { get; }

    /// <summary>The images, opened at the first use.</summary>
    public ImageCatalog Images => _images ??= new ImageCatalog(Paths, _database, Events, _embedded);

    /// <summary>The networks, as the kernel has them; opened at the first use.</summary>
    public ContainerNetwork Network => _network ??= new ContainerNetwork(Paths.Networks, ListenedPorts.Listeners(Paths));

    /// <summary>
    /// The default network. Interfaces belong to the whole machine: an engine of other roots must not hand out the addresses of the usual one's bridge.
    /// </summary>
    public NetworkDefinition DefaultNetwork => Paths.RunRoot == EnginePaths.Default.RunRoot
        ? NetworkDefinition.Default
        : NetworkDefinition.Default with { Interface = "rundlet-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Paths.RunRoot)).AsSpan(0, 3)) };

    /// <summary>Where the supervisor's program is.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    public string SupervisorProgram => _supervisor is not null && File.Exists(_supervisor)
        ? _supervisor
        : throw new ContainerException(ContainerErrorKind.NotFound, $"cannot find rundlet-supervisor at '{_supervisor}'")
        {
            Hint = "it belongs beside rundlet; RUNDLET_SUPERVISOR names another place",
        };

    /// <summary>Where it is told what happens.</summary>
    public EngineEvents Events { get; }

    /// <summary>Where another program of ours is: beside the supervisor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="what">What it is for, as in "which packs logs".</param>
    /// <param name="hint">What to do without it.</param>
    /// <exception cref="ContainerException">NotFound.</exception>
    internal string Beside(string name, string what, string hint)
    {
        string path = Path.Combine(Path.GetDirectoryName(SupervisorProgram)!, name);
        return File.Exists(path) ? path : throw new ContainerException(ContainerErrorKind.NotFound, $"cannot find '{path}', {what}") { Hint = hint };
    }

    /// <summary>Secrets by name.</summary>
    public SecretStore Secrets => new(Paths.Secrets);

    /// <summary>Which containers have ids of their own.</summary>
    public IdRangeTable IdRanges { get; }

    internal FactTable Facts { get; }

    internal ClaimedThings ClaimedThings { get; }

    /// <summary>Opens the engine of some roots, making them if they are missing, and repairs what a crash left.</summary>
    /// <param name="paths">The roots.</param>
    /// <param name="supervisor">Absolute path of <c>rundlet-supervisor</c>.</param>
    /// <param name="embedded">Opens the layout of the image that comes with the program; null when none does.</param>
    /// <exception cref="ContainerException">PermissionDenied: not root.</exception>
    public static ContainerEngine Open(EnginePaths paths, string? supervisor, Func<Stream?>? embedded = null)
    {
        if (Sys.geteuid() != 0)
            throw new ContainerException(ContainerErrorKind.PermissionDenied, "this needs root") { Hint = "run it as root: sudo rundlet …" };
        foreach (string folder in (ReadOnlySpan<string>)[paths.Root, paths.Containers, paths.RunRoot, paths.LiveContainers, paths.Networks])
            EnsureFolder(folder);
        var engine = new ContainerEngine(paths, supervisor, embedded, Database.Open(paths.StateFile));
        try
        {
            Reconcile.Run(engine);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Containers that could not be settled when this engine was opened; what they are about is in the way of no other command.</summary>
    public IReadOnlyList<Exception> Warnings => _warnings;

    /// <summary>Where a container stands.</summary>
    public ContainerStanding StandingOf(ContainerRecord record) => ContainerStanding.Read(Paths, record.Id);

    /// <summary>Does what opening an engine does, for a container whose supervisor was killed meanwhile.</summary>
    /// <returns>Where it stands then; one that removes itself may be removed by now.</returns>
    public ContainerStanding Repair(ContainerRecord record) => Reconcile.One(this, record);

    /// <summary>A connection to a container's supervisor.</summary>
    /// <exception cref="ContainerException">Conflict: it does not run.</exception>
    public SupervisorConnection Connect(ContainerRecord record) => TryConnect(record)
        ?? throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is not running") { Hint = $"start it: rundlet start {record.Name}" };

    /// <summary>A connection to a container's supervisor, the next one where that was killed; null where it does not run.</summary>
    public SupervisorConnection? TryConnect(ContainerRecord record) =>
        SupervisorConnection.TryOpen(Paths.Live(record.Id))
        ?? (Repair(record).IsRunning ? SupervisorConnection.TryOpen(Paths.Live(record.Id)) : null);

    /// <inheritdoc/>
    public void Dispose()
    {
        TryAbandonClaims();
        _network?.Dispose();
        _images?.Dispose();
        _database.Dispose();
    }

    internal void Warn(Exception warning) => _warnings.Add(warning);

    /// <summary>Makes a folder that is private to us, and those above it, if it is missing.</summary>
    internal static void EnsureFolder(string path)
    {
        int answer = Sys.mkdirat(Sys.AT_FDCWD, path, PrivateFolder);
        if (Sys.Is(answer, Errno.EEXIST))
            return;
        if (Sys.Is(answer, Errno.ENOENT))
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }
        LinuxException.ThrowIfError(answer, "mkdir", path);
    }

    private void TryAbandonClaims()
    {
        try
        {
            Containers.AbandonAll();
        }
        catch (ContainerException failed)
        {
            _ = failed; // ignored: what made it fail was told before; then the claims end with this process
        }
    }
}
