using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// How a container, or a process added by <c>exec</c>, ended. <c>exit.json</c> in the run folder, written whole before
/// anyone is told; with <see cref="ExitPolicy.Keep"/> also in the container's folder.
/// </summary>
public sealed class ExitRecord
{
    /// <summary>The file's name.</summary>
    public const string FileName = "exit.json";

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

    /// <summary>What went wrong while the container was taken down; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Reads the document.</summary>
    /// <exception cref="SpecFormatException">It is not of this form; says where.</exception>
    public static ExitRecord Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>Reads the file in a container's run folder, or in its own folder; null where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="SpecFormatException">It is not of this form.</exception>
    public static ExitRecord? TryReadIn(string folder) =>
        FileIo.TryReadText($"{folder}/{FileName}") is { } text ? Read(Encoding.UTF8.GetBytes(text)) : null;

    /// <summary>The document.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(json =>
    {
        json.WriteNumber("exitCode"u8, ExitCode);
        json.Member("signal"u8, Signal);
        json.WriteBoolean("oomKilled"u8, OomKilled);
        json.Moment("startedAt"u8, StartedAt);
        json.Moment("finishedAt"u8, FinishedAt);
        json.Member("error"u8, Error);
    });

    private static ExitRecord Read(ref JsonCursor json)
    {
        int? exitCode = null, signal = null;
        bool oom = false;
        DateTimeOffset started = default, finished = default;
        string? error = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("exitCode"u8)) exitCode = json.Int32();
            else if (json.Is("signal"u8)) signal = json.Int32();
            else if (json.Is("oomKilled"u8)) oom = json.Boolean();
            else if (json.Is("startedAt"u8)) started = SupervisionJson.Moment(ref json);
            else if (json.Is("finishedAt"u8)) finished = SupervisionJson.Moment(ref json);
            else if (json.Is("error"u8)) error = json.String();
            else json.Ignore();
        return new ExitRecord
        {
            ExitCode = exitCode ?? throw json.Missing("exitCode"),
            Signal = signal,
            OomKilled = oom,
            StartedAt = started,
            FinishedAt = finished,
            Error = error,
        };
    }
}
