using Rundlet.Engine.Names;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

public sealed class NameTests
{
    [Fact]
    public void A_made_up_name_keeps_to_the_rule_for_names()
    {
        for (int attempt = 0; attempt < 200; attempt++)
            ContainerName.Validate(ContainerName.MakeUp(attempt % 8));
    }

    [Fact]
    public void There_are_thousands_of_names_and_then_numbers()
    {
        Assert.InRange(ContainerName.Variety, 5_000, int.MaxValue);
        Assert.Contains(Enumerable.Range(0, 20).Select(_ => ContainerName.MakeUp(10)), name => char.IsAsciiDigit(name[^1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("-web")]
    [InlineData(".web")]
    [InlineData("we b")]
    [InlineData("web/1")]
    [InlineData("wéb")]
    public void A_name_that_breaks_the_rule_is_refused(string name) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => ContainerName.Validate(name)).Kind);

    [Theory]
    [InlineData("imgaes", "images")]
    [InlineData("rum", "run")]
    [InlineData("ispect", "inspect")]
    public void The_nearest_word_is_found(string word, string meant) => Assert.Equal(meant, Nearest.Of(word, ["images", "run", "inspect", "ps"]));

    [Theory]
    [InlineData("")]
    [InlineData("something")]
    public void A_word_that_is_like_none_has_no_nearest(string word) => Assert.Null(Nearest.Of(word, ["images", "run", "inspect", "ps"]));
}
