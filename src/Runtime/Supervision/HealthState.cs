using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>A container's health with its last checks: <c>health.json</c> in the run folder, where its health is checked at all.</summary>
public sealed class HealthState
{
    /// <summary>The file's name.</summary>
    public const string FileName = "health.json";

    /// <summary>So many checks are kept.</summary>
    public const int MaxLog = 5;

    private static readonly string[] s_statuses = ["starting", "healthy", "unhealthy"];

    /// <summary>How it is.</summary>
    public HealthStatus Status { get; init; }

    /// <summary>How many checks in a row have failed; those of the start period do not count.</summary>
    public int FailingStreak { get; init; }

    /// <summary>The last checks, the oldest first.</summary>
    public IReadOnlyList<HealthProbe> Log { get; init; } = [];

    /// <summary>The status as Docker writes it.</summary>
    public static string NameOf(HealthStatus status) => s_statuses[(int)status];

    /// <summary>Reads Docker's word for a status; null where it is none.</summary>
    public static HealthStatus? TryParse(string text) => Array.IndexOf(s_statuses, text) is >= 0 and int status ? (HealthStatus)status : null;

    /// <summary>The state after a further check.</summary>
    /// <param name="probe">The check.</param>
    /// <param name="retries">So many failures in a row are too many.</param>
    /// <param name="isStarting">Whether it began in the start period.</param>
    public HealthState After(HealthProbe probe, int retries, bool isStarting)
    {
        bool failed = probe.ExitCode != 0;
        int streak = !failed ? 0 : isStarting && Status == HealthStatus.Starting ? FailingStreak : FailingStreak + 1;
        return new HealthState
        {
            Status = !failed ? HealthStatus.Healthy : streak >= retries ? HealthStatus.Unhealthy : Status,
            FailingStreak = streak,
            Log = [.. Log.Skip(Log.Count - (MaxLog - 1)), probe],
        };
    }

    /// <summary>Reads the document.</summary>
    /// <exception cref="SpecFormatException">It is not of this form; says where.</exception>
    public static HealthState Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>Reads the file in a container's run folder; null where there is none.</summary>
    /// <exception cref="Rundlet.Syscalls.LinuxException">The kernel refused.</exception>
    /// <exception cref="SpecFormatException">It is not of this form.</exception>
    public static HealthState? TryReadIn(string folder) =>
        FileIo.TryReadBytes($"{folder}/{FileName}") is { } bytes ? Read(bytes.Span) : null;

    /// <summary>The document.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(json =>
    {
        json.WriteString("status"u8, NameOf(Status));
        json.WriteNumber("failingStreak"u8, FailingStreak);
        json.WriteStartArray("log"u8);
        foreach (HealthProbe probe in Log)
            probe.Write(json);
        json.WriteEndArray();
    });

    private static HealthState Read(ref JsonCursor json)
    {
        HealthStatus? status = null;
        int streak = 0;
        List<HealthProbe> log = [];
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("status"u8)) status = TryParse(json.String());
            else if (json.Is("failingStreak"u8)) streak = json.Int32();
            else if (json.Is("log"u8)) log = json.List(HealthProbe.Read);
            else json.Ignore();
        return new HealthState { Status = status ?? throw json.Missing("status"), FailingStreak = streak, Log = log };
    }
}
