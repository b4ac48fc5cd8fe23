using System.Text;
using Rundlet.Cli.Terminal;

namespace Rundlet.Cli.Tests.Terminal;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("plain 日本", "plain 日本")]
    [InlineData("a\nb\e[31m\x7f\u009b", "a\\x0ab\\x1b[31m\\x7f\\x9b")]
    public void Names_show_what_a_terminal_would_do(string text, string expected) => Assert.Equal(expected, SafeText.Of(text));

    [Theory]
    [InlineData("a line\r\n", "a line")]
    [InlineData("\e[1;32mok\e[0m done", "ok done")]
    [InlineData("12%\r100%\n", "100%")]
    [InlineData("a\tb\t\tc", "a       b               c")]
    [InlineData("\e]0;title\ahere", "here")]
    [InlineData("\e]8;;http://x\e\\link\e]8;;\e\\", "link")]
    [InlineData("cut \e[31", "cut ")]
    [InlineData("cut \e]0;never", "cut ")]
    [InlineData("\ePq\e\\\u0007", "\\x1bPq\\x1b\\\\x07")]
    [InlineData("end\e", "end\\x1b")]
    public void Lines_of_programs_lose_their_colours_and_do_nothing(string line, string expected) => Assert.Equal(expected, SafeText.OfLine(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void No_line_leaves_a_control_character()
    {
        Random random = new(20261126);
        byte[] alphabet = "\e[]0;1mHJK\r\n\t\a\\ab\u009b\x7f\xff\0"u8.ToArray();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] line = [.. Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)])];
            Assert.DoesNotContain(SafeText.OfLine(line), char.IsControl);
        }
    }
}
