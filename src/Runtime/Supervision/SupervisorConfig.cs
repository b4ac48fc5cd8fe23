using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// What one supervisor needs beyond the OCI spec: <c>supervisor.json</c> in the container's folder, next to <c>config.json</c>.
/// Written by the engine, never by the supervisor.
/// </summary>
public sealed record SupervisorConfig
{
    /// <summary>The file's name in the container's folder.</summary>
    public const string FileName = "supervisor.json";

    /// <summary>How long <c>stop</c> waits by default before it kills.</summary>
    public const int DefaultStopTimeoutMs = 10_000;

    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>The overlay to mount as the root file system; null: <c>root.path</c> of the spec is used as it is.</summary>
    public OverlayConfig? Overlay { get; init; }

    /// <summary>Sources of bind mounts that the supervisor opens itself.</summary>
    public IReadOnlyList<MountSource> Mounts { get; init; } = [];

    /// <summary>Where output goes; null keeps none.</summary>
    public LogConfig? Log { get; init; }

    /// <summary>Where it is told what happens; null tells nobody.</summary>
    public EventConfig? Events { get; init; }

    /// <summary>Whether the container gets a stdin that clients may attach to; else it is /dev/null. Means nothing with a terminal.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether stdin ends with the first client that attached to it, as for <c>run -i</c> in the foreground.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>Whether the first process is <c>rundlet-init</c>, which wants to start with all signals blocked.</summary>
    public bool Init { get; init; }

    /// <summary>The signal by which <c>stop</c> asks the container to end.</summary>
    public int StopSignal { get; init; } = 15;

    /// <summary>How long <c>stop</c> waits before it kills, in milliseconds; negative waits for ever.</summary>
    public int StopTimeoutMs { get; init; } = DefaultStopTimeoutMs;

    /// <summary>What becomes of the folders after the exit.</summary>
    public ExitPolicy OnExit { get; init; }

    /// <summary>Whether it is started again when it has ended. Read again at each end, so that it can be changed meanwhile.</summary>
    public RestartPolicy Restart { get; init; } = RestartPolicy.None;

    /// <summary>How its health is checked; null for not at all.</summary>
    public HealthConfig? Health { get; init; }

    /// <summary>Absolute path of the OCI runtime that makes the container; null for the supervisor itself.</summary>
    public string? Runtime { get; init; }

    /// <summary>Reads the document.</summary>
    /// <exception cref="SpecFormatException">It is not of this form; says where.</exception>
    public static SupervisorConfig Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>Reads the file in a container's folder; null where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="SpecFormatException">It is not of this form.</exception>
    public static SupervisorConfig? TryReadIn(string folder) =>
        FileIo.TryReadBytes($"{folder}/{FileName}") is { } bytes ? Read(bytes.Span) : null;

    /// <summary>The document.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(json =>
    {
        json.WriteString("id"u8, Id);
        Overlay?.Write(json);
        if (Mounts.Count > 0)
        {
            json.WriteStartArray("mounts"u8);
            foreach (MountSource mount in Mounts)
                mount.Write(json);
            json.WriteEndArray();
        }
        Log?.Write(json);
        Events?.Write(json);
        json.MemberIfTrue("openStdin"u8, OpenStdin);
        json.MemberIfTrue("stdinOnce"u8, StdinOnce);
        json.MemberIfTrue("init"u8, Init);
        json.WriteNumber("stopSignal"u8, StopSignal);
        json.WriteNumber("stopTimeoutMs"u8, StopTimeoutMs);
        json.WriteString("onExit"u8, OnExit switch
        {
            ExitPolicy.Leave => "leave"u8,
            ExitPolicy.Remove => "remove"u8,
            _ => "keep"u8,
        });
        if (Restart.Condition != RestartCondition.No)
            json.WriteString("restart"u8, Restart.ToString());
        Health?.Write(json);
        json.Member("runtime"u8, Runtime);
    });

    private static SupervisorConfig Read(ref JsonCursor json)
    {
        string? id = null;
        OverlayConfig? overlay = null;
        List<MountSource> mounts = [];
        LogConfig? log = null;
        EventConfig? events = null;
        bool openStdin = false, stdinOnce = false, init = false;
        int signal = 15, timeout = DefaultStopTimeoutMs;
        ExitPolicy onExit = ExitPolicy.Keep;
        RestartPolicy restart = RestartPolicy.None;
        HealthConfig? health = null;
        string? runtime = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("id"u8)) id = json.String();
            else if (json.Is("overlay"u8)) overlay = OverlayConfig.Read(ref json);
            else if (json.Is("mounts"u8)) mounts = json.List(MountSource.Read);
            else if (json.Is("log"u8)) log = LogConfig.Read(ref json);
            else if (json.Is("events"u8)) events = EventConfig.Read(ref json);
            else if (json.Is("openStdin"u8)) openStdin = json.Boolean();
            else if (json.Is("stdinOnce"u8)) stdinOnce = json.Boolean();
            else if (json.Is("init"u8)) init = json.Boolean();
            else if (json.Is("stopSignal"u8)) signal = json.Int32();
            else if (json.Is("stopTimeoutMs"u8)) timeout = json.Int32();
            else if (json.Is("onExit"u8)) onExit = ReadPolicy(ref json);
            else if (json.Is("restart"u8)) restart = ReadRestart(ref json);
            else if (json.Is("health"u8)) health = HealthConfig.Read(ref json);
            else if (json.Is("runtime"u8)) runtime = json.String();
            else json.Ignore();
        return new SupervisorConfig
        {
            Id = id ?? throw json.Missing("id"),
            Overlay = overlay,
            Mounts = mounts,
            Log = log,
            Events = events,
            OpenStdin = openStdin,
            StdinOnce = stdinOnce,
            Init = init,
            StopSignal = signal,
            StopTimeoutMs = timeout,
            OnExit = onExit,
            Restart = restart,
            Health = health,
            Runtime = runtime,
        };
    }

    private static RestartPolicy ReadRestart(ref JsonCursor json)
    {
        try
        {
            return RestartPolicy.Parse(json.String());
        }
        catch (ContainerException)
        {
            throw json.Expected("a restart policy");
        }
    }

    private static ExitPolicy ReadPolicy(ref JsonCursor json) => json.String() switch
    {
        "keep" => ExitPolicy.Keep,
        "leave" => ExitPolicy.Leave,
        "remove" => ExitPolicy.Remove,
        _ => throw json.Expected("'keep', 'leave' or 'remove'"),
    };
}
