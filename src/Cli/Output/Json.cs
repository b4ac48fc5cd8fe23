using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rundlet.Cli.Output;

/// <summary>JSON for standard output.</summary>
internal static class Json
{
    /// <summary>Everything on one line, and nothing escaped that need not be.</summary>
    public static readonly JsonWriterOptions LineOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object on one line.</summary>
    public static string Object(Action<Utf8JsonWriter> members) => Text(members, array: false, indented: false);

    /// <summary>An array of objects, indented as docker's.</summary>
    public static string Array(IEnumerable<Action<Utf8JsonWriter>> elements) => Text(
        json =>
        {
            foreach (Action<Utf8JsonWriter> members in elements)
            {
                json.WriteStartObject();
                members(json);
                json.WriteEndObject();
            }
        },
        array: true,
        indented: true);

    private static string Text(Action<Utf8JsonWriter> content, bool array, bool indented)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = indented, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            if (array)
                json.WriteStartArray();
            else
                json.WriteStartObject();
            content(json);
            if (array)
                json.WriteEndArray();
            else
                json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
