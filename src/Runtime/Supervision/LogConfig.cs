using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>How the container's output is kept.</summary>
public sealed class LogConfig
{
    /// <summary>Who keeps it.</summary>
    public LogDriver Driver { get; init; }

    /// <summary>Absolute path of the log, or of journald's socket; how rotated files are called says <see cref="RotatedLog"/>.</summary>
    public required string Path { get; init; }

    /// <summary>Size in bytes past which no record is added to a file; 0 for no limit.</summary>
    public long MaxSize { get; init; }

    /// <summary>How many files are kept, the current one included; at least 1.</summary>
    public int MaxFiles { get; init; } = 1;

    /// <summary>The program that is started to pack rotated files, as <c>PROGRAM --pack-log PATH</c>; null leaves them as they are.</summary>
    public string? Packer { get; init; }

    /// <summary>
    /// How many bytes may wait for a journald that does not keep up before records are dropped and counted; 0: the container waits.
    /// </summary>
    public long MaxWaiting { get; init; }

    /// <summary>What each record carries besides: attributes of a JSON record, fields of the journal.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    internal static LogConfig Read(ref JsonCursor json)
    {
        string? path = null, packer = null;
        LogDriver driver = LogDriver.JsonFile;
        long size = 0, waiting = 0;
        int files = 1;
        Dictionary<string, string> fields = [];
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("driver"u8)) driver = ReadDriver(ref json);
            else if (json.Is("path"u8)) path = json.String();
            else if (json.Is("maxSize"u8)) size = json.Int64();
            else if (json.Is("maxFiles"u8)) files = json.Int32();
            else if (json.Is("packer"u8)) packer = json.String();
            else if (json.Is("maxWaiting"u8)) waiting = json.Int64();
            else if (json.Is("fields"u8)) fields = json.StringMap();
            else json.Ignore();
        return new LogConfig
        {
            Driver = driver,
            Path = path ?? throw json.Missing("path"),
            MaxSize = size,
            MaxFiles = files,
            Packer = packer,
            MaxWaiting = waiting,
            Fields = fields,
        };
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject("log"u8);
        json.WriteString("driver"u8, Driver == LogDriver.Journald ? "journald"u8 : "json-file"u8);
        json.WriteString("path"u8, Path);
        json.WriteNumber("maxSize"u8, MaxSize);
        json.WriteNumber("maxFiles"u8, MaxFiles);
        if (Packer is not null)
            json.WriteString("packer"u8, Packer);
        json.WriteNumber("maxWaiting"u8, MaxWaiting);
        json.WriteStartObject("fields"u8);
        foreach ((string name, string value) in Fields)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static LogDriver ReadDriver(ref JsonCursor json) => json.String() switch
    {
        "json-file" => LogDriver.JsonFile,
        "journald" => LogDriver.Journald,
        _ => throw json.Expected("'json-file' or 'journald'"),
    };
}
