using Rundlet.Engine.Options;

namespace Rundlet.Engine.Tests;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("", "web", true)]
    [InlineData("web", "my-web-1", true)]
    [InlineData("^web", "my-web", false)]
    [InlineData("^web$", "web", true)]
    [InlineData("^web$", "web1", false)]
    [InlineData("web.*1$", "web-21", true)]
    [InlineData("we?b", "wb", true)]
    [InlineData("web[0-9]+$", "web12", true)]
    [InlineData("web[0-9]+$", "web", false)]
    [InlineData("web[^0-9]$", "webx", true)]
    [InlineData("web[^0-9]$", "web1", false)]
    [InlineData("^(web", "(web", true)]
    [InlineData("a\\.b", "a.b", true)]
    [InlineData("a\\.b", "axb", false)]
    [InlineData("^db$|^web$", "web", true)]
    [InlineData("^db$|^web$", "webs", false)]
    [InlineData("a|", "zzz", true)]
    [InlineData("[", "a[b", true)]
    [InlineData("\\", "a", false)]
    public void A_pattern_fits_anywhere_unless_it_says_where(string pattern, string text, bool expected) => Assert.Equal(expected, NamePattern.Matches(pattern, text));

    [Fact]
    public void A_pattern_of_many_stars_is_decided_in_time() => Assert.False(NamePattern.Matches("a*a*a*a*b", new string('a', 128)));
}
