using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// Something that happened to a container, an image, a volume or a network: one JSON object on a line of the <see cref="EventLog"/>, in the
/// shape of docker's API (<c>GET /events</c>).
/// </summary>
public sealed record EventMessage
{
    /// <summary>What it happened to: <c>container</c>, <c>image</c>, <c>volume</c> or <c>network</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What happened, such as <c>start</c>, <c>die</c> or <c>exec_create: ls</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id, or where there is none the name, of what it happened to; empty where it happened to several at once.</summary>
    public required string ActorId { get; init; }

    /// <summary>More about it: name, image and labels of a container, and what the action has, such as <c>exitCode</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>When, in nanoseconds since 1970.</summary>
    public required long TimeNano { get; init; }

    /// <summary>Reads a line; false where it is none, because the disk was full or somebody wrote into the file.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EventMessage? message)
    {
        try
        {
            message = JsonCursor.ReadDocument(line, Read);
            return true;
        }
        catch (SpecFormatException)
        {
            message = null;
            return false;
        }
    }

    /// <summary>Writes it, and ends the line.</summary>
    public void WriteLine(JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("Type"u8, Type);
        json.WriteString("Action"u8, Action);
        json.WriteStartObject("Actor"u8);
        json.WriteString("ID"u8, ActorId);
        json.WriteStartObject("Attributes"u8);
        foreach ((string key, string value) in Attributes)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("scope"u8, "local"u8);
        json.WriteNumber("time"u8, TimeNano / 1_000_000_000);
        json.WriteNumber("timeNano"u8, TimeNano);
        json.WriteEndObject();
        json.EndLine();
    }

    private static EventMessage Read(ref JsonCursor json)
    {
        string? type = null, action = null;
        (string Id, Dictionary<string, string> Attributes)? actor = null;
        long? time = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("Type"u8)) type = json.String();
            else if (json.Is("Action"u8)) action = json.String();
            else if (json.Is("Actor"u8)) actor = ReadActor(ref json);
            else if (json.Is("timeNano"u8)) time = json.Int64();
            else json.Ignore();
        return new EventMessage
        {
            Type = type ?? throw json.Missing("Type"),
            Action = action ?? throw json.Missing("Action"),
            ActorId = actor?.Id ?? throw json.Missing("Actor"),
            Attributes = actor.Value.Attributes,
            TimeNano = time ?? throw json.Missing("timeNano"),
        };
    }

    private static (string, Dictionary<string, string>) ReadActor(ref JsonCursor json)
    {
        string? id = null;
        Dictionary<string, string>? attributes = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("ID"u8)) id = json.String();
            else if (json.Is("Attributes"u8)) attributes = json.StringMap();
            else json.Ignore();
        return (id ?? throw json.Missing("ID"), attributes ?? []);
    }
}
