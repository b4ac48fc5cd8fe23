using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.References;

public class ShortNameTests
{
    [Theory]
    [InlineData("hello", "docker.io", "docker.io/library/hello:latest")]
    [InlineData("hello", "", "docker.io/library/hello:latest")]
    [InlineData("team/web:2", "registry.lan:5000 docker.io", "registry.lan:5000/team/web:2 docker.io/team/web:2")]
    [InlineData("hello", "registry.lan docker.io registry.lan", "registry.lan/hello:latest docker.io/library/hello:latest")]
    [InlineData("localhost/hello", "registry.lan", "localhost/hello:latest")]
    [InlineData("docker.io/hello", "registry.lan", "docker.io/library/hello:latest")]
    [InlineData("HOST/hello", "registry.lan", "HOST/hello:latest")]
    public void A_short_name_is_looked_for_in_each_search_registry(string text, string search, string candidates) =>
        Assert.Equal(candidates.Split(' '), ShortNames.Candidates(text, search.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(reference => reference.ToString()));

    [Fact]
    public void What_is_no_name_is_refused() => Assert.Throws<ContainerException>(() => ShortNames.Candidates("a//b", ["registry.lan"]));
}
