using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rundlet.Oci.Tests;

public sealed class JsonWriterTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData("a\"b\\c/d")]
    [InlineData("line\nbreak\r\ttab\b\f\0\u0001\u001f\u007f")]
    [InlineData("Grüße, 世界, 🙂")]
    [InlineData("half \ud83d and \udc00 of a pair")]
    [InlineData("<a href='x'>&amp;+</a>\u2028\u2029")]
    public void A_text_is_read_back_as_it_was(string text)
    {
        JsonWriter json = new();
        json.WriteStartObject();
        json.WriteString("value"u8, text);
        json.WriteString(text + "key", "named");
        json.WriteEndObject();
        using JsonDocument read = JsonDocument.Parse(json.ToArray());
        string expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        Assert.Equal(expected, read.RootElement.GetProperty("value").GetString());
        Assert.Equal("named", read.RootElement.GetProperty(expected + "key").GetString());
        Assert.DoesNotContain(json.ToArray(), b => b is < 0x20 or 0x7F);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_replaced()
    {
        JsonWriter json = new();
        json.WriteStartObject();
        json.WriteString("value"u8, (ReadOnlySpan<byte>)[0x61, 0xFF, 0x62]);
        json.WriteEndObject();
        Assert.Equal("{\"value\":\"a\uFFFDb\"}", Encoding.UTF8.GetString(json.Written));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_document_is_the_same_as_the_librarys(bool indented)
    {
        JsonWriter ours = new(indented);
        using MemoryStream stream = new();
        using (Utf8JsonWriter theirs = new(stream, new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            ours.WriteStartObject();
            theirs.WriteStartObject();
            ours.WriteNumber("least"u8, long.MinValue);
            theirs.WriteNumber("least"u8, long.MinValue);
            ours.WriteNumber("most"u8, ulong.MaxValue);
            theirs.WriteNumber("most"u8, ulong.MaxValue);
            ours.WriteBoolean("true"u8, true);
            theirs.WriteBoolean("true"u8, true);
            ours.WriteNull("null"u8);
            theirs.WriteNull("null"u8);
            ours.WriteStartArray("empty"u8);
            theirs.WriteStartArray("empty"u8);
            ours.WriteEndArray();
            theirs.WriteEndArray();
            ours.WriteStartArray("list"u8);
            theirs.WriteStartArray("list"u8);
            for (int i = 0; i < 3; i++)
            {
                ours.WriteStartObject();
                theirs.WriteStartObject();
                ours.WritePropertyName("inner");
                theirs.WritePropertyName("inner");
                ours.WriteStringValue(new string('x', 700 * i));
                theirs.WriteStringValue(new string('x', 700 * i));
                ours.WriteEndObject();
                theirs.WriteEndObject();
            }
            ours.WriteNumberValue(7);
            theirs.WriteNumberValue(7);
            ours.WriteBooleanValue(false);
            theirs.WriteBooleanValue(false);
            ours.WriteEndArray();
            theirs.WriteEndArray();
            ours.WriteEndObject();
            theirs.WriteEndObject();
        }
        Assert.Equal(Encoding.UTF8.GetString(stream.ToArray()), Encoding.UTF8.GetString(ours.ToArray()));
    }
}
