using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor.Tests;

public sealed class RotatedLogTests
{
    [Theory]
    [InlineData("c.log.1", 1, false)]
    [InlineData("c.log.20", 20, false)]
    [InlineData("c.log.7.gz", 7, true)]
    [InlineData("c.log", 0, false)]
    [InlineData("c.log.", 0, false)]
    [InlineData("c.log.0", 0, false)]
    [InlineData("c.log.01", 0, false)]
    [InlineData("c.log.-1", 0, false)]
    [InlineData("c.log.1.gz.gz", 0, false)]
    [InlineData("c.log.gz", 0, false)]
    [InlineData("c.log.99999999999999999999", 0, false)]
    [InlineData(".c.log.1.gz.tmp", 0, false)]
    [InlineData("c.logs.1", 0, false)]
    public void A_name_is_taken_apart_and_put_together(string name, long number, bool isPacked)
    {
        RotatedLog? parsed = RotatedLog.TryParse(name, "c.log");
        Assert.Equal(number > 0 ? new RotatedLog(number, isPacked) : null, parsed);
        if (parsed is { } rotated)
            Assert.Equal(name, rotated.NameFor("c.log"));
    }

    [Fact]
    public void They_are_listed_the_oldest_first_and_the_whole_before_the_packed()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "c.log", "c.log.10", "c.log.9.gz", "c.log.10.gz", "c.log.2", "other.1" })
            File.WriteAllText(folder[name], "");
        Assert.Equal(["c.log.2", "c.log.9.gz", "c.log.10", "c.log.10.gz"], RotatedLog.List(folder["c.log"]).Select(file => file.NameFor("c.log")));
        RotatedLog.RemoveAll(folder["c.log"]);
        Assert.Equal(["other.1"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
        Assert.Empty(RotatedLog.List("/no/such/folder/c.log"));
    }
}
