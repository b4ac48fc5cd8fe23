using Rundlet.Cli.Output;

namespace Rundlet.Cli.Tests.Output;

public sealed class TextWidthTests
{
    [Theory]
    [InlineData("plain", 5)]
    [InlineData("", 0)]
    [InlineData("naïve", 5)]
    [InlineData("日本語", 6)]
    [InlineData("한글", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("🐳ship", 6)]
    [InlineData("a\u200Bb", 2)]
    [InlineData("ｆｕｌｌ", 8)]
    [InlineData("…", 1)]
    [InlineData("ｶﾅ", 2)]
    public void Width_is_what_a_terminal_takes(string text, int width) => Assert.Equal(width, TextWidth.Of(text));

    [Theory]
    [InlineData("container", 9, "container")]
    [InlineData("container", 5, "cont…")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("日本語", 2, "…")]
    [InlineData("abc", 1, "…")]
    [InlineData("abc", 0, "")]
    public void A_cut_never_takes_more_and_never_half_a_character(string text, int columns, string cut) => Assert.Equal(cut, TextWidth.Cut(text, columns));

    [Fact]
    public void Fitted_text_takes_just_its_columns()
    {
        Assert.Equal("ab   |", TextWidth.Fit("ab", 5) + "|");
        Assert.Equal("   ab|", TextWidth.Fit("ab", 5, right: true) + "|");
        Assert.Equal("日… |", TextWidth.Fit("日本語", 4) + "|");
        for (int columns = 0; columns < 9; columns++)
            Assert.Equal(columns, TextWidth.Of(TextWidth.Fit("日本e\u0301語x", columns)));
    }
}
