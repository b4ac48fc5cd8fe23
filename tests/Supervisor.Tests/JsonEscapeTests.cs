using System.Text;
using System.Text.Json;

namespace Rundlet.Supervisor.Tests;

public sealed class JsonEscapeTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\"b\\c\n\r\t", "a\\\"b\\\\c\\n\\r\\t")]
    [InlineData("\0\x1b[31m\x7f", "\\u0000\\u001b[31m\\u007f")]
    [InlineData("grün 😀", "grün 😀")]
    [InlineData("", "")]
    public void Text_is_escaped(string text, string expected)
    {
        Assert.Equal(expected, Escape(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("ff", "\uFFFD")]
    [InlineData("41ff42", "A\uFFFDB")]
    [InlineData("c3", "\uFFFD")] // cut off
    [InlineData("c328", "\uFFFD(")]
    [InlineData("eda080", "\uFFFD\uFFFD\uFFFD")] // half a surrogate pair
    [InlineData("c0af", "\uFFFD\uFFFD")] // overlong
    [InlineData("f09f98", "\uFFFD")]
    public void What_is_not_UTF_8_is_replaced(string bytes, string expected)
    {
        Assert.Equal(expected, Escape(Convert.FromHexString(bytes)));
    }

    [Fact]
    public void Any_bytes_become_a_JSON_string_within_the_bound()
    {
        Random random = new(3);
        for (int round = 0; round < 3_000; round++)
        {
            byte[] bytes = new byte[random.Next(1, 80)];
            random.NextBytes(bytes);
            string expected = Encoding.UTF8.GetString(bytes);
            Assert.Equal(expected, JsonDocument.Parse($"\"{Escape(bytes)}\"").RootElement.GetString());
        }
    }

    [Theory]
    [InlineData("616263", 3)]
    [InlineData("6162c3", 2)] // ü begins
    [InlineData("6162c3bc", 4)]
    [InlineData("61f09f98", 1)]
    [InlineData("61f09f9880", 5)]
    [InlineData("61ff", 2)] // not UTF-8: no character to keep whole
    [InlineData("8080808080", 5)]
    public void A_cut_never_goes_through_a_character(string bytes, int expected)
    {
        Assert.Equal(expected, JsonEscape.CutPoint(Convert.FromHexString(bytes)));
    }

    private static string Escape(byte[] bytes)
    {
        byte[] destination = new byte[bytes.Length * JsonEscape.MaxGrowth];
        return Encoding.UTF8.GetString(destination, 0, JsonEscape.Write(bytes, destination));
    }
}
