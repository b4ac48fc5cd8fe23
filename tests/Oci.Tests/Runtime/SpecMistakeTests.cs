using System.Text;
using System.Text.Json;

namespace Rundlet.Oci.Tests.Runtime;

public sealed class SpecMistakeTests
{
    [Theory]
    [InlineData("""{"ociVersion":1}""", "ociVersion", "expected a string, found 1", 1, 15)]
    [InlineData("""[]""", "", "expected an object, found an array", 1, 1)]
    [InlineData("{\"ociVersion\":\"1\",\n \"linux\": {\"resources\": {\"memory\": {\"limit\": 1e3}}}}",
        "linux.resources.memory.limit", "expected a whole number from -9223372036854775808 to 9223372036854775807, found 1e3", 2, 46)]
    [InlineData("""{"linux":{"resources":{"memory":{"limit":9.5}}}}""",
        "linux.resources.memory.limit", "expected a whole number from -9223372036854775808 to 9223372036854775807, found 9.5", 1, 42)]
    [InlineData("""{"linux":{"resources":{"memory":{"limit":9223372036854775808}}}}""",
        "linux.resources.memory.limit", "expected a whole number from -9223372036854775808 to 9223372036854775807, found 9223372036854775808", 1, 42)]
    [InlineData("""{"process":{"user":{"uid":4294967296}}}""", "process.user.uid", "expected a whole number from 0 to 4294967295, found 4294967296", 1, 27)]
    [InlineData("""{"process":{"user":{"uid":-1}}}""", "process.user.uid", "expected a whole number from 0 to 4294967295, found -1", 1, 27)]
    [InlineData("""{"process":{"user":{"uid":"0"}}}""", "process.user.uid", "expected a whole number from 0 to 4294967295, found the string '0'", 1, 27)]
    [InlineData("""{"process":{"args":["ä", 5]}}""", "process.args[1]", "expected a string, found 5", 1, 26)]
    [InlineData("""{"process":{"args":[null]}}""", "process.args[0]", "expected a string, found null", 1, 21)]
    [InlineData("""{"process":{"terminal":"yes"}}""", "process.terminal", "expected true or false, found the string 'yes'", 1, 24)]
    [InlineData("""{"mounts":[{"destination":"/"},{"type":"proc"}]}""", "mounts[1]", "expected a member 'destination', found none", 1, 32)]
    [InlineData("""{"mounts":{}}""", "mounts", "expected an array, found an object", 1, 11)]
    [InlineData("""{"hostname":"a","root":{"path":"/"},"hostname":"b"}""", "hostname", "expected the member once, found 'hostname' again", 1, 37)]
    [InlineData("""{"hostname":null,"host\u006eame":"b"}""", "host\\u006eame", "expected the member once, found 'host\\u006eame' again", 1, 18)]
    [InlineData("""{"annotations":{"a.b":"1","a.b":"2"}}""", "annotations[a.b]", "expected the member once, found 'a.b' again", 1, 27)]
    [InlineData("""{"x":1,"x":2}""", "x", "expected the member once, found 'x' again", 1, 8)]
    [InlineData("""{"x":[{"y":{"z":1,"z":2}}]}""", "x[0].y.z", "expected the member once, found 'z' again", 1, 19)]
    [InlineData("""{"hostname":"a\u0000b"}""", "hostname", "expected text without NUL, found one", 1, 13)]
    [InlineData("""{"annotations":{"a\u0000":"b"}}""", "annotations.a\\u0000", "expected text without NUL, found one", 1, 17)]
    [InlineData("""{"x":["\u0000"]}""", "x[0]", "expected text without NUL, found one", 1, 7)]
    [InlineData("""{"hostname":"\ud800"}""", "hostname", "expected Unicode text, found an escaped surrogate without its pair", 1, 13)]
    [InlineData("""{"host\udc00":1}""", "host\\udc00", "expected Unicode text, found an escaped surrogate without its pair", 1, 2)]
    [InlineData("""{"linux":{"devices":[{"type":"c","path":"/dev/x","minor":1}]}}""", "linux.devices[0]", "expected a member 'major', found none", 1, 22)]
    [InlineData("""{"linux":{"resources":{"blockIO":{"weight":65536}}}}""",
        "linux.resources.blockIO.weight", "expected a whole number from 0 to 65535, found 65536", 1, 44)]
    [InlineData("", "", "expected more JSON, found the end of the text", 1, 1)]
    [InlineData("""{"ociVersion":"1"}x""", "", "expected the end of the text, found 'x'", 1, 19)]
    [InlineData("""{"ociVersion":"1"}{}""", "", "expected the end of the text, found '{'", 1, 19)]
    [InlineData("""{"process":{"cwd":"/",}}""", "process.cwd", "expected JSON, found '}'", 1, 23)]
    [InlineData("{\"mounts\":[\n  {\"destination\": /proc}]}", "mounts[0].destination", "expected JSON, found '/'", 2, 19)]
    [InlineData("""{"linux": tru}""", "linux", "expected JSON, found '}'", 1, 14)]
    [InlineData("\ufeff{}", "", "expected JSON, found '\\ufeff'", 1, 1)]
    [InlineData("""{"process":{"cwd":"/" """, "process.cwd", "expected more JSON, found the end of the text", 1, 23)]
    public void A_mistake_is_named_with_its_place(string text, string path, string problem, int line, int column)
    {
        var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read(Encoding.UTF8.GetBytes(text)));

        Assert.Equal((path, problem, line, column), (error.Path, error.Problem, error.Line, error.Column));
        Assert.Equal($"{(path.Length == 0 ? "" : $"'{path}': ")}{problem} (line {line}, column {column})", error.Message);
    }

    [Fact]
    public void Invalid_UTF8_is_refused_with_its_place()
    {
        byte[] text = [.. "{\"annotations\":{\"ö\":\"a"u8, 0xC0, 0x80, .. "\"}}"u8];

        var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read(text));

        Assert.Equal("expected UTF-8, found a byte sequence that is not", error.Problem);
        Assert.Equal(("annotations.ö", 1, 23), (error.Path, error.Line, error.Column));
    }

    [Fact]
    public void Text_of_the_document_cannot_disturb_a_terminal()
    {
        string hostile = "\u001b[2J\u202e\u0085" + new string('x', 500);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["process"] = hostile },
            new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

        var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read(text));

        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.DoesNotContain('\u202e', error.Message);
        Assert.True(error.Message.Length < 200, error.Message);
    }

    /// <summary>Every value of the example, replaced by one of another type: the error names exactly that place.</summary>
    [Fact]
    public void Any_known_value_of_a_wrong_type_is_refused_at_its_place()
    {
        string[] unknown = ["windows", "zos", "vm", "x-unknown"];
        List<string> paths = JsonText.Paths(Examples.Everything);
        Assert.True(paths.Count > 200);

        foreach (string place in paths.Where(path => !unknown.Any(path.StartsWith)))
        {
            byte[] text = JsonText.Rewrite(Examples.Everything, (path, value) =>
                path != place ? null : value.ValueKind is JsonValueKind.Array ? "{}" : "[]");

            var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read(text));

            Assert.Equal(place, error.Path);
        }
    }

    /// <summary>Every member of every object of the example, known or not, given twice: the error names exactly that one.</summary>
    [Fact]
    public void Any_member_that_stands_twice_is_refused_at_its_place()
    {
        foreach (string place in JsonText.Paths(Examples.Everything).Where(path => path.Length > 0 && !path.EndsWith(']')))
        {
            string name = place[(place.LastIndexOf('.') + 1)..];
            byte[] text = JsonText.Rewrite(Examples.Everything, (path, value) =>
                path == place ? $"{value.GetRawText()},\"{name}\":{value.GetRawText()}" : null);

            var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read(text));

            Assert.Equal((place, $"expected the member once, found '{name}' again"), (error.Path, error.Problem));
        }
    }
}
