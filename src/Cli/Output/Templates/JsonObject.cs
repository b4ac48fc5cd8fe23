using System.Text.Json;

namespace Rundlet.Cli.Output.Templates;

/// <summary>An object of a JSON document.</summary>
/// <param name="element">It; its document must stay open.</param>
internal sealed class JsonObject(JsonElement element) : ITemplateObject
{
    /// <inheritdoc/>
    public IEnumerable<string> Names => element.EnumerateObject().Select(member => member.Name);

    /// <summary>The value that an element is for a template.</summary>
    public static object? ValueOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(element),
        JsonValueKind.Array => element.EnumerateArray().Select(ValueOf).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out long whole) ? (object)whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <inheritdoc/>
    public bool TryGet(string name, out object? value)
    {
        bool found = element.TryGetProperty(name, out JsonElement member);
        value = found ? ValueOf(member) : null;
        return found;
    }

    /// <inheritdoc/>
    public void WriteTo(Utf8JsonWriter json) => element.WriteTo(json);
}
