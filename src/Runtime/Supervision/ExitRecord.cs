using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// How a container, or a process added by <c>exec</c>, ended. <c>exit.json</c> in the run folder, written whole before
/// anyone is told; with <see cref="ExitPolicy.Keep"/> also in the container's folder.
/// </summary>
public sealed record ExitRecord
{
    /// <summary>The file's name.</summary>
    public const string FileName = "exit.json";

    /// <summary>The exit code of an end whose status is not known, as containerd has it.</summary>
    public const int UnknownExitCode = 255;

    /// <summary>The program's exit code, 0 to 255; 128 and the signal's number where one ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The number of the signal that ended it; null where it exited.</summary>
    public int? Signal { get; init; }

    /// <summary>Whether the kernel killed a process of the container for lack of memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>When the user's program was started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When its end was seen.</summary>
    public DateTimeOffset FinishedAt { get; init; }

    /// <summary>How often the container had been started again by its restart policy when it ended.</summary>
    public int RestartCount { get; init; }

    /// <summary>Whether a user asked for the end: then no restart policy but <c>always</c> starts it with the machine.</summary>
    public bool Stopped { get; init; }

    /// <summary>What went wrong while the container was taken down; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Reads the document.</summary>
    /// <exception cref="SpecFormatException">It is not of this form; says where.</exception>
    public static ExitRecord Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>Reads the file in a container's run folder, or in its own folder; null where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="SpecFormatException">It is not of this form.</exception>
    public static ExitRecord? TryReadIn(string folder) =>
        FileIo.TryReadBytes($"{folder}/{FileName}") is { } bytes ? Read(bytes.Span) : null;

    /// <summary>The document.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(WriteMembers);

    /// <summary>An end as wait(2) tells it. A signal counts as 128 and its number, as shells have it.</summary>
    public static ExitRecord Of(int waitStatus, DateTimeOffset startedAt, DateTimeOffset finishedAt)
    {
        int signal = waitStatus & 0x7F;
        return new ExitRecord
        {
            ExitCode = signal == 0 ? waitStatus >> 8 & 0xFF : 128 + signal,
            Signal = signal == 0 ? null : signal,
            StartedAt = startedAt,
            FinishedAt = finishedAt,
        };
    }

    /// <summary>An end that nobody saw: exit code 255.</summary>
    public static ExitRecord Unknown(DateTimeOffset startedAt, string why) => new()
    {
        ExitCode = UnknownExitCode,
        StartedAt = startedAt,
        FinishedAt = DateTimeOffset.UtcNow,
        Error = $"the exit status is not known: {why}",
    };

    /// <summary>
    /// What lies in the folder of a container that runs, in case the machine goes down and takes the run folder with it. It says
    /// when it was started; its end is <see cref="FinishedAt"/> once somebody has found it.
    /// </summary>
    public static ExitRecord Lost(DateTimeOffset startedAt, int restartCount) => new()
    {
        ExitCode = UnknownExitCode,
        StartedAt = startedAt,
        RestartCount = restartCount,
        Error = "the machine went down while the container ran",
    };

    /// <summary>Whether it is of that kind, and nobody has found it yet.</summary>
    public bool IsLost => FinishedAt == default;

    /// <summary>The same, found.</summary>
    public ExitRecord FoundAt(DateTimeOffset moment) => this with { FinishedAt = moment };

    /// <summary>The same end, of the container's <paramref name="restartCount"/>th restart.</summary>
    public ExitRecord With(int restartCount, bool stopped) => this with { RestartCount = restartCount, Stopped = stopped };

    /// <summary>The same end, with what is found out after it.</summary>
    public ExitRecord With(bool oomKilled, string? error) => this with { OomKilled = oomKilled, Error = error };

    internal void WriteMembers(JsonWriter json)
    {
        json.WriteNumber("exitCode"u8, ExitCode);
        json.Member("signal"u8, Signal);
        json.WriteBoolean("oomKilled"u8, OomKilled);
        json.Moment("startedAt"u8, StartedAt);
        json.Moment("finishedAt"u8, FinishedAt);
        if (RestartCount > 0)
            json.WriteNumber("restartCount"u8, RestartCount);
        json.MemberIfTrue("stopped"u8, Stopped);
        json.Member("error"u8, Error);
    }

    internal static ExitRecord Read(ref JsonCursor json)
    {
        int? exitCode = null, signal = null;
        int restarts = 0;
        bool oom = false, stopped = false;
        DateTimeOffset started = default, finished = default;
        string? error = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("exitCode"u8)) exitCode = json.Int32();
            else if (json.Is("signal"u8)) signal = json.Int32();
            else if (json.Is("oomKilled"u8)) oom = json.Boolean();
            else if (json.Is("startedAt"u8)) started = SupervisionJson.Moment(ref json);
            else if (json.Is("finishedAt"u8)) finished = SupervisionJson.Moment(ref json);
            else if (json.Is("restartCount"u8)) restarts = json.Int32();
            else if (json.Is("stopped"u8)) stopped = json.Boolean();
            else if (json.Is("error"u8)) error = json.String();
            else json.Ignore();
        return new ExitRecord
        {
            ExitCode = exitCode ?? throw json.Missing("exitCode"),
            Signal = signal,
            OomKilled = oom,
            StartedAt = started,
            FinishedAt = finished,
            RestartCount = restarts,
            Stopped = stopped,
            Error = error,
        };
    }
}
