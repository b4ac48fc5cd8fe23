using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>Where the container's output is kept, one JSON object a line.</summary>
public sealed class LogConfig
{
    /// <summary>Absolute path of the log; rotated files get <c>.1</c>, <c>.2</c>, … behind it.</summary>
    public required string Path { get; init; }

    /// <summary>Size in bytes past which no record is added to a file; 0 for no limit.</summary>
    public long MaxSize { get; init; }

    /// <summary>How many files are kept, the current one included; at least 1.</summary>
    public int MaxFiles { get; init; } = 1;

    internal static LogConfig Read(ref JsonCursor json)
    {
        string? path = null;
        long size = 0;
        int files = 1;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("path"u8)) path = json.String();
            else if (json.Is("maxSize"u8)) size = json.Int64();
            else if (json.Is("maxFiles"u8)) files = json.Int32();
            else json.Ignore();
        return new LogConfig { Path = path ?? throw json.Missing("path"), MaxSize = size, MaxFiles = files };
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject("log"u8);
        json.WriteString("path"u8, Path);
        json.WriteNumber("maxSize"u8, MaxSize);
        json.WriteNumber("maxFiles"u8, MaxFiles);
        json.WriteEndObject();
    }
}
