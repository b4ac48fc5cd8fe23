using System.Globalization;
using System.Text;
using System.Text.Json;
using Rundlet.Cli.Output.Templates;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Output;

/// <summary>An event as docker prints it, and as its templates see it: members by the names of its Go structure, JSON by those of its API.</summary>
internal sealed class EventRow(EventMessage message) : ITemplateObject
{
    private const long NanosecondsPerSecond = 1_000_000_000, NanosecondsPerTick = 100;

    /// <inheritdoc/>
    public IEnumerable<string> Names => ["Status", "ID", "From", "Type", "Action", "Actor", "Scope", "Time", "TimeNano"];

    /// <summary>A line for people: <c>2024-05-01T12:00:00.000000000Z container die 5f0c… (exitCode=0, name=web)</c>.</summary>
    public string Line()
    {
        StringBuilder line = new();
        line.Append(Moment()).Append(' ').Append(message.Type).Append(' ').Append(message.Action).Append(' ').Append(message.ActorId);
        if (message.Attributes.Count > 0)
            line.Append(" (").AppendJoin(", ", message.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Select(attribute => $"{attribute.Key}={attribute.Value}")).Append(')');
        return Human.Printable(line.ToString());
    }

    /// <inheritdoc/>
    public bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "Status" => Status,
            "ID" => Id,
            "From" => From,
            "Type" => message.Type,
            "Action" => message.Action,
            "Actor" => new Actor(message),
            "Scope" => "local",
            "Time" => message.TimeNano / NanosecondsPerSecond,
            "TimeNano" => message.TimeNano,
            _ => null,
        };
        return value is not null;
    }

    /// <inheritdoc/>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Status.Length > 0)
            json.WriteString("status"u8, Status);
        if (Id.Length > 0)
            json.WriteString("id"u8, Id);
        if (From.Length > 0)
            json.WriteString("from"u8, From);
        json.WriteString("Type"u8, message.Type);
        json.WriteString("Action"u8, message.Action);
        json.WritePropertyName("Actor"u8);
        new Actor(message).WriteTo(json);
        json.WriteString("scope"u8, "local"u8);
        json.WriteNumber("time"u8, message.TimeNano / NanosecondsPerSecond);
        json.WriteNumber("timeNano"u8, message.TimeNano);
        json.WriteEndObject();
    }

    // Three members that docker has kept from its first versions, for containers and images alone.
    private bool HasOldMembers => message.Type is "container" or "image";

    private string Status => HasOldMembers ? message.Action : "";

    private string Id => HasOldMembers ? message.ActorId : "";

    private string From => message.Type == "container" ? message.Attributes.GetValueOrDefault("image") ?? "" : "";

    private string Moment()
    {
        DateTimeOffset moment = DateTimeOffset.UnixEpoch.AddTicks(message.TimeNano / NanosecondsPerTick).ToLocalTime();
        string zone = moment.Offset == TimeSpan.Zero ? "Z" : moment.ToString("zzz", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{moment:yyyy-MM-ddTHH:mm:ss}.{message.TimeNano % NanosecondsPerSecond:000000000}{zone}");
    }

    private sealed class Actor(EventMessage message) : ITemplateObject
    {
        public IEnumerable<string> Names => ["ID", "Attributes"];

        public bool TryGet(string name, out object? value)
        {
            value = name switch { "ID" => message.ActorId, "Attributes" => new TextMap(message.Attributes), _ => null };
            return value is not null;
        }

        public void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("ID"u8, message.ActorId);
            json.WriteMap("Attributes", message.Attributes);
            json.WriteEndObject();
        }
    }

    private sealed class TextMap(IReadOnlyDictionary<string, string> texts) : ITemplateObject
    {
        public IEnumerable<string> Names => texts.Keys;

        public bool TryGet(string name, out object? value)
        {
            bool found = texts.TryGetValue(name, out string? text);
            value = text;
            return found;
        }

        public void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            foreach ((string key, string text) in texts)
                json.WriteString(key, text);
            json.WriteEndObject();
        }
    }
}
