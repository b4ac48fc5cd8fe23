using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

public sealed class FilterTests
{
    private static readonly DateTimeOffset s_now = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    // The rows are those of Go's documentation of path.Match.
    [Theory]
    [InlineData("", "", true)]
    [InlineData("abc", "abc", true)]
    [InlineData("*", "abc", true)]
    [InlineData("*", "", true)]
    [InlineData("*c", "abc", true)]
    [InlineData("a*", "a", true)]
    [InlineData("a*", "ab/c", false)]
    [InlineData("a*/b", "abc/b", true)]
    [InlineData("a*/b", "a/c/b", false)]
    [InlineData("a*b*c*d*e*/f", "axbxcxdxe/f", true)]
    [InlineData("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false)]
    [InlineData("ab[c]", "abc", true)]
    [InlineData("ab[b-d]", "abc", true)]
    [InlineData("ab[e-g]", "abc", false)]
    [InlineData("ab[^c]", "abc", false)]
    [InlineData("ab[^e-g]", "abc", true)]
    [InlineData("a\\*b", "a*b", true)]
    [InlineData("a\\*b", "ab", false)]
    [InlineData("a?b", "a☺b", true)]
    [InlineData("a???b", "a☺b", false)]
    [InlineData("a?b", "a/b", false)]
    [InlineData("[\\]a]", "]", true)]
    [InlineData("[\\-x]", "-", true)]
    [InlineData("[a", "a", false)]
    [InlineData("[", "a", false)]
    [InlineData("a[", "ab", false)]
    [InlineData("*x", "xxx", true)]
    [InlineData("team/*:1.*", "team/web:1.2", true)]
    public void A_pattern_matches_as_docker_matches(string pattern, string text, bool expected) => Assert.Equal(expected, Glob.Matches(pattern, text));

    [Fact]
    public void A_pattern_of_many_stars_is_decided_at_once() =>
        Assert.False(Glob.Matches(string.Concat(Enumerable.Repeat("a*", 500)) + "b", new string('a', 5_000)));

    [Theory]
    [InlineData("24h", "2024-04-30T12:00:00Z")]
    [InlineData("1h30m", "2024-05-01T10:30:00Z")]
    [InlineData("1.5s", "2024-05-01T11:59:58.5Z")]
    [InlineData("1714564800", "2024-05-01T12:00:00Z")]
    [InlineData("2024-04-01T00:00:00Z", "2024-04-01T00:00:00Z")]
    [InlineData("2024-04-01T02:00:00+02:00", "2024-04-01T00:00:00Z")]
    public void A_moment_is_read_in_every_form_that_docker_takes(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected), MomentOption.Parse(text, s_now));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("10x")]
    [InlineData("h")]
    [InlineData("99999999999999999999h")]
    [InlineData("-5m")]
    public void What_is_no_moment_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => MomentOption.Parse(text, s_now)).Kind);

    [Fact]
    public void A_filter_has_a_key_that_there_is_and_a_value()
    {
        Assert.Equal([new FilterOption("label", "a=b", false), new FilterOption("label", "c", true), new FilterOption("dangling", "true", false)], FilterOption.Parse(["label=a=b", "label!=c", "dangling = true"], "label", "dangling"));
        Assert.Contains("KEY=VALUE", Assert.Throws<ContainerException>(() => FilterOption.Parse(["label"], "label")).Hint);
        Assert.Equal("did you mean 'label'?", Assert.Throws<ContainerException>(() => FilterOption.Parse(["lable=x"], "label")).Hint);
        Assert.Throws<ContainerException>(() => new FilterOption("dangling", "perhaps", false).Truth);
    }

    [Theory]
    [InlineData("label=a", true)]
    [InlineData("label=a=1", true)]
    [InlineData("label=a=2", false)]
    [InlineData("label=b", false)]
    [InlineData("label!=a", false)]
    [InlineData("label!=a=2", true)]
    public void Labels_are_asked_for_by_key_or_by_key_and_value(string filter, bool expected) =>
        Assert.Equal(expected, FilterOption.Parse([filter], "label")[0].MatchesLabels(new Dictionary<string, string> { ["a"] = "1" }));
}
