using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// What is needed to find a container's processes and cgroup again, whatever happened to its supervisor: <c>state.json</c>
/// in the run folder, on disk before the user's program runs. A pid means that process only while its start time is the one noted here.
/// </summary>
public sealed record ContainerRuntimeState
{
    /// <summary>The file's name in the run folder.</summary>
    public const string FileName = "state.json";

    private static readonly string[] s_statuses = ["creating", "created", "running", "paused", "stopped"];

    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// Created, running or paused on disk, where nobody notes the last end: see <see cref="ExitRecord"/>. Stopped while the restart policy
    /// lets it wait for its next start.
    /// </summary>
    public required ContainerStatus Status { get; init; }

    /// <summary>The container's first process.</summary>
    public required int Pid { get; init; }

    /// <summary>Its start in clock ticks since boot, proc_pid_stat(5) field 22.</summary>
    public required ulong PidStartTime { get; init; }

    /// <summary>The supervisor.</summary>
    public required int SupervisorPid { get; init; }

    /// <summary>Its start in clock ticks since boot.</summary>
    public required ulong SupervisorStartTime { get; init; }

    /// <summary>When the user's program was started; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How often the restart policy has started it again, the start that it waits for included.</summary>
    public int RestartCount { get; init; }

    /// <summary>Its end before the last restart; null where there was none.</summary>
    public ExitRecord? LastExit { get; init; }

    /// <summary>Its health; null where nobody checks it. See <see cref="HealthState"/> for more.</summary>
    public HealthStatus? Health { get; init; }

    /// <summary>Controller to absolute path of the cgroup.</summary>
    public IReadOnlyDictionary<string, string> Cgroups { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads the document.</summary>
    /// <exception cref="SpecFormatException">It is not of this form; says where.</exception>
    public static ContainerRuntimeState Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>The document.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(WriteMembers);

    /// <summary>The same after an end, waiting for the next start.</summary>
    public ContainerRuntimeState Restarting(ExitRecord exit) => this with
    {
        Status = ContainerStatus.Stopped,
        Pid = 0,
        PidStartTime = 0,
        RestartCount = exit.RestartCount + 1,
        LastExit = exit,
        Health = null,
    };

    internal void WriteMembers(JsonWriter json)
    {
        json.WriteString("id"u8, Id);
        json.WriteString("status"u8, s_statuses[(int)Status]);
        json.WriteNumber("pid"u8, Pid);
        json.WriteNumber("pidStartTime"u8, PidStartTime);
        json.WriteNumber("supervisorPid"u8, SupervisorPid);
        json.WriteNumber("supervisorStartTime"u8, SupervisorStartTime);
        json.Moment("startedAt"u8, StartedAt);
        if (RestartCount > 0)
            json.WriteNumber("restartCount"u8, RestartCount);
        if (LastExit is { } exit)
        {
            json.WriteStartObject("lastExit"u8);
            exit.WriteMembers(json);
            json.WriteEndObject();
        }
        if (Health is { } health)
            json.WriteString("health"u8, HealthState.NameOf(health));
        json.WriteStartObject("cgroups"u8);
        foreach ((string controller, string path) in Cgroups)
            json.WriteString(controller, path);
        json.WriteEndObject();
    }

    internal static ContainerRuntimeState Read(ref JsonCursor json)
    {
        string? id = null;
        int status = -1, restarts = 0;
        ExitRecord? exit = null;
        HealthStatus? health = null;
        int? pid = null, supervisorPid = null;
        ulong startTime = 0, supervisorStartTime = 0;
        DateTimeOffset? started = null;
        Dictionary<string, string>? cgroups = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("id"u8)) id = json.String();
            else if (json.Is("status"u8)) status = Array.IndexOf(s_statuses, json.String());
            else if (json.Is("pid"u8)) pid = json.Int32();
            else if (json.Is("pidStartTime"u8)) startTime = json.UInt64();
            else if (json.Is("supervisorPid"u8)) supervisorPid = json.Int32();
            else if (json.Is("supervisorStartTime"u8)) supervisorStartTime = json.UInt64();
            else if (json.Is("startedAt"u8)) started = SupervisionJson.Moment(ref json);
            else if (json.Is("restartCount"u8)) restarts = json.Int32();
            else if (json.Is("lastExit"u8)) exit = ExitRecord.Read(ref json);
            else if (json.Is("health"u8)) health = HealthState.TryParse(json.String());
            else if (json.Is("cgroups"u8)) cgroups = json.StringMap();
            else json.Ignore();
        return new ContainerRuntimeState
        {
            Id = id ?? throw json.Missing("id"),
            Status = status >= 0 ? (ContainerStatus)status : throw json.Missing("status"),
            Pid = pid ?? throw json.Missing("pid"),
            PidStartTime = startTime,
            SupervisorPid = supervisorPid ?? throw json.Missing("supervisorPid"),
            SupervisorStartTime = supervisorStartTime,
            StartedAt = started,
            RestartCount = restarts,
            LastExit = exit,
            Health = health,
            Cgroups = cgroups ?? [],
        };
    }
}
