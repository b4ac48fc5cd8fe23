using Rundlet.Cli.Output;
using Rundlet.Linux;

namespace Rundlet.Cli.Tests.Output;

public sealed class ListingTests
{
    private sealed record Fruit(string Name, int Weight, string Labels);

    private static readonly Listing<Fruit> s_listing = new(
        ["Name", "Weight"],
        new Column<Fruit>("Name", "NAME", fruit => fruit.Name),
        new Column<Fruit>("Weight", "WEIGHT IN GRAMS", fruit => fruit.Weight.ToString()),
        new Column<Fruit>("Labels", "LABELS", fruit => fruit.Labels));

    private static readonly Fruit[] s_fruits = [new("fig", 50, "color=green,org.kind=soft"), new("pomegranate", 300, "")];

    [Theory]
    [InlineData(null, "NAME          WEIGHT IN GRAMS\nfig           50\npomegranate   300\n")]
    [InlineData("table", "NAME          WEIGHT IN GRAMS\nfig           50\npomegranate   300\n")]
    [InlineData("table {{.Weight}}\\t{{.Name}}", "WEIGHT IN GRAMS   NAME\n50                fig\n300               pomegranate\n")]
    [InlineData("table {{.Name | upper}}\t{{json .Weight}}x", "NAME          WEIGHT IN GRAMSx\nFIG           \"50\"x\nPOMEGRANATE   \"300\"x\n")]
    [InlineData("table {{truncate .Name 3}}\t{{if .Labels}}{{.Labels}}{{else}}-{{end}}", "NAME      LABELS\nfig       color=green,org.kind=soft\npom       -\n")]
    [InlineData("table {{.Name}}\t{{.Label \"org.some-kind\"}}\t{{.Label \"org.kind\"}}", "NAME          some kind   kind\nfig                       soft\npomegranate               \n")]
    [InlineData("json", "{\"Name\":\"fig\",\"Weight\":\"50\",\"Labels\":\"color=green,org.kind=soft\"}\n{\"Name\":\"pomegranate\",\"Weight\":\"300\",\"Labels\":\"\"}\n")]
    [InlineData("{{json .}}", "{\"Name\":\"fig\",\"Weight\":\"50\",\"Labels\":\"color=green,org.kind=soft\"}\n{\"Name\":\"pomegranate\",\"Weight\":\"300\",\"Labels\":\"\"}\n")]
    [InlineData("{{.Name}}:\\t{{.Weight}}", "fig:\t50\npomegranate:\t300\n")]
    [InlineData("{{.Name}}{{\"\\n\"}}", "fig\n\npomegranate\n\n")]
    [InlineData("{{.Label \"color\"}}|{{.Label \"none\"}}", "green|\n|\n")]
    public void Items_are_printed_in_every_form_that_docker_has(string? format, string expected) => Assert.Equal(expected, s_listing.Print(s_fruits, format));

    [Fact]
    public void A_table_without_items_has_its_headings() => Assert.Equal("NAME      WEIGHT IN GRAMS\n", s_listing.Print([], null));

    [Theory]
    [InlineData("tabel", "there are table, json, and templates")]
    [InlineData("table {{.Nmae}}", "did you mean '.Name'?")]
    [InlineData("{{.Size}}", "there are .Name, .Weight, .Labels")]
    public void A_wrong_format_is_refused_with_what_there_is(string format, string hint)
    {
        ContainerException error = Assert.Throws<ContainerException>(() => s_listing.Print(s_fruits, format));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(hint, error.Hint);
    }

    [Fact]
    public void A_value_cannot_colour_the_terminal_or_forge_a_row() =>
        Assert.Equal("NAME          WEIGHT IN GRAMS\na [31mb c d   1\n", s_listing.Print([new("a\e[31mb\nc\td", 1, "")], null));

    [Fact]
    public void A_document_is_printed_whole_or_by_a_template()
    {
        const string Document = "{\n  \"Id\": 1,\n  \"Env\": [\"A=1\"]\n}";
        Assert.Equal("{\"Id\":1,\"Env\":[\"A=1\"]}", new DocumentFormat("json").Print(Document));
        Assert.Equal("1 [A=1]", new DocumentFormat("{{.Id}} {{.Env}}").Print(Document));
    }
}
