using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rundlet.Hello.Report;

namespace Rundlet.Hello.Render;

/// <summary>The report as one object: a section is an object of its facts, a table an array of objects. Bytes of UTF-8.</summary>
internal static class JsonRenderer
{
    public static byte[] Render(ContainerReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (Section section in report.Sections)
            {
                json.WriteStartObject(section.Key);
                foreach (Fact fact in section.Facts)
                    Write(json, fact);
                foreach (Table table in section.Tables)
                    Write(json, table);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Fact fact)
    {
        switch (fact.Value)
        {
            case FactValue.Text text:
                json.WriteString(fact.Key, text.Value);
                break;
            case FactValue.Number number:
                json.WriteNumber(fact.Key, number.Value);
                break;
            case FactValue.Flag flag:
                json.WriteBoolean(fact.Key, flag.Value);
                break;
            case FactValue.List list:
                json.WriteStartArray(fact.Key);
                foreach (string item in list.Items)
                    json.WriteStringValue(item);
                json.WriteEndArray();
                break;
            default:
                json.WriteNull(fact.Key);
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, Table table)
    {
        json.WriteStartArray(table.Key);
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            json.WriteStartObject();
            for (int column = 0; column < row.Count; column++)
                json.WriteString(table.Columns[column], row[column]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
