using System.Text;
using System.Text.Json;

namespace Rundlet.Oci.Tests;

/// <summary>Writes a document with one place changed; can also write what a serializer never would.</summary>
internal static class JsonText
{
    /// <summary>The paths of all values in a document, as errors name them.</summary>
    public static List<string> Paths(byte[] document)
    {
        var paths = new List<string>();
        Rewrite(document, (path, _) =>
        {
            paths.Add(path);
            return null;
        });
        return paths;
    }

    /// <summary>The document, with the text that <paramref name="change"/> returns in place of a value (null keeps the value).</summary>
    public static byte[] Rewrite(byte[] document, Func<string, JsonElement, string?> change)
    {
        using JsonDocument parsed = JsonDocument.Parse(document);
        var text = new StringBuilder();
        Write(text, "", parsed.RootElement, change);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, string path, JsonElement element, Func<string, JsonElement, string?> change)
    {
        if (change(path, element) is { } changed)
        {
            text.Append(changed);
            return;
        }
        string separator = "";
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    text.Append(separator).Append('"').Append(member.Name).Append("\":");
                    Write(text, Join(path, member.Name), member.Value, change);
                    separator = ",";
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    text.Append(separator);
                    Write(text, $"{path}[{index++}]", item, change);
                    separator = ",";
                }
                text.Append(']');
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    private static string Join(string path, string name) =>
        name.AsSpan().ContainsAny(".[]' ") ? $"{path}[{name}]" : path.Length == 0 ? name : $"{path}.{name}";
}
