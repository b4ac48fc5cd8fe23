using System.Text;
using System.Text.Json;
using Rundlet.Engine.Lifecycle;
using Rundlet.Linux;

namespace Rundlet.Engine.Diagnosis;

/// <summary>Why the last start of a container failed: <c>start-failure.json</c> in its folder. It counts until a start succeeds.</summary>
/// <param name="Message">What was said.</param>
/// <param name="Hint">The hint that was given with it.</param>
/// <param name="ExitCode">125, 126 or 127.</param>
/// <param name="At">When.</param>
public sealed record StartFailure(string Message, string? Hint, int ExitCode, DateTimeOffset At)
{
    private const string FileName = "start-failure.json";

    /// <summary>Reads the note; null where there is none.</summary>
    internal static StartFailure? TryRead(EnginePaths paths, string id)
    {
        try
        {
            return FileIo.TryReadText($"{paths.Container(id)}/{FileName}") is { } text ? JsonSerializer.Deserialize(text, EngineJson.Default.StartFailure) : null;
        }
        catch (JsonException)
        {
            return null; // it only explains: a damaged one explains nothing
        }
    }

    /// <summary>Leaves the note; nothing is said where that cannot be done, because there is a worse failure to tell.</summary>
    internal void Save(EnginePaths paths, string id)
    {
        try
        {
            Folders.Write(paths.Container(id), FileName, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, EngineJson.Default.StartFailure)));
        }
        catch (Syscalls.LinuxException e)
        {
            _ = e; // ignored: see above
        }
    }
}
