using System.Text.Json;

namespace Rundlet.Engine.State;

/// <summary>Maps of strings as text in a column; most are empty.</summary>
internal static class JsonText
{
    private const string Empty = "{}";

    /// <summary>A map as text.</summary>
    public static string Of(IReadOnlyDictionary<string, string> map) =>
        map.Count == 0 ? Empty : JsonSerializer.Serialize(new Dictionary<string, string>(map), EngineJson.Default.DictionaryStringString);

    /// <summary>A map from text.</summary>
    public static IReadOnlyDictionary<string, string> ToMap(string text) =>
        text == Empty ? new Dictionary<string, string>() : JsonSerializer.Deserialize(text, EngineJson.Default.DictionaryStringString) ?? [];
}
