using System.Text.Json;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>Where a supervisor says what happens to its container, and what it says of the container each time.</summary>
public sealed class EventConfig
{
    /// <summary>Absolute path of the <see cref="EventLog"/>.</summary>
    public required string Path { get; init; }

    /// <summary>The attributes of every event: the labels, and over them <c>image</c> and <c>name</c>.</summary>
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>The same of a container that has another name now.</summary>
    public EventConfig Named(string name) => new() { Path = Path, Attributes = new Dictionary<string, string>(Attributes) { ["name"] = name } };

    internal static EventConfig Read(ref JsonCursor json)
    {
        string? path = null;
        Dictionary<string, string>? attributes = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("path"u8)) path = json.String();
            else if (json.Is("attributes"u8)) attributes = json.StringMap();
            else json.Ignore();
        return new EventConfig { Path = path ?? throw json.Missing("path"), Attributes = attributes ?? [] };
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject("events"u8);
        json.WriteString("path"u8, Path);
        json.WriteStartObject("attributes"u8);
        foreach ((string key, string value) in Attributes)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
