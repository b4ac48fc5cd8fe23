using Rundlet.Linux.Resctrl;

namespace Rundlet.Linux.Tests.Resctrl;

public sealed class SchemaLineTests
{
    [Theory]
    [InlineData("L3:0=f;1=f0", "L3", "0=f;1=f0")]
    [InlineData("    MB:0= 100;1=  20", "MB", "0=100;1=20")]
    [InlineData("L3CODE : 0 = ff ;", "L3CODE", "0=ff")]
    public void A_line_is_a_resource_with_a_value_for_each_domain(string text, string resource, string values)
    {
        SchemaLine line = SchemaLine.TryParse(text)!;
        Assert.Equal(resource, line.Resource);
        Assert.Equal(values, string.Join(';', line.Domains.Zip(line.Values, (domain, value) => $"{domain}={value}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("L3")]
    [InlineData("L3:")]
    [InlineData(":0=f")]
    [InlineData("L3:0")]
    [InlineData("L3:=f")]
    [InlineData("L3:0=")]
    public void Other_text_is_no_line(string text) => Assert.Null(SchemaLine.TryParse(text));

    [Theory]
    [InlineData("L3:0=f", null)]
    [InlineData("L3:00=0x0F", null)]
    [InlineData("MB:0=20", null)]
    [InlineData("MB:0=11\nL3:1=ff", null)]
    [InlineData("MB:0=10", "MB:0=20 in place of 10")]
    [InlineData("MB:0=18446744073709551615", "MB:0=20 in place of 18446744073709551615")]
    [InlineData("L3:0=e", "L3:0=00f in place of e")]
    [InlineData("L3:2=f", "L3:2=nothing in place of f")]
    [InlineData("L2:0=f", "L2:0=nothing in place of f")]
    public void A_group_differs_where_it_has_another_number_than_is_asked_for(string wanted, string? difference)
    {
        List<SchemaLine> present = SchemaLine.ParseAll("    L3:0=00f;1=0ff\n    MB:0=  20;1= 100\n");
        Assert.Equal(difference, SchemaLine.Difference(SchemaLine.ParseAll(wanted), present, _ => 10));
    }
}
