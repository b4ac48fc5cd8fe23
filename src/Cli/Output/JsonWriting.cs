using System.Text.Json;

namespace Rundlet.Cli.Output;

/// <summary>What documents in docker's shape are made of.</summary>
internal static class JsonWriting
{
    private const string NoTime = "0001-01-01T00:00:00Z";

    /// <summary>An array of strings.</summary>
    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>An array of strings, or null, as docker writes a list that was not given.</summary>
    public static void WriteStringsOrNull(this Utf8JsonWriter json, string name, IEnumerable<string>? values)
    {
        if (values is null)
            json.WriteNull(name);
        else
            json.WriteStrings(name, values);
    }

    /// <summary>An object of strings.</summary>
    public static void WriteMap(this Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, string>> values)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in values)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    /// <summary>A set, as docker writes it: an object whose members are empty objects.</summary>
    public static void WriteSet(this Utf8JsonWriter json, string name, IEnumerable<string> keys)
    {
        json.WriteStartObject(name);
        foreach (string key in keys)
        {
            json.WriteStartObject(key);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    /// <summary>A moment; docker's word for none is the first second of year 1.</summary>
    public static void WriteMoment(this Utf8JsonWriter json, string name, DateTimeOffset? moment)
    {
        if (moment is { } known && known != default)
            json.WriteString(name, known);
        else
            json.WriteString(name, NoTime);
    }
}
