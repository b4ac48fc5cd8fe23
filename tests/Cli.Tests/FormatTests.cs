namespace Rundlet.Cli.Tests;

public sealed class FormatTests
{
    [Fact]
    public void Every_listing_and_document_takes_a_template()
    {
        using Machine machine = new();
        string id = machine.Run("run", "-d", "--name", "box", "--label", "role=front", "--network", "none", "-e", "A=1", "shell", "/bin/sleep", "600").Output.Trim();
        Assert.Equal($"{id[..12]} box shell running front\n", machine.Run("ps", "--format", "{{.ID}} {{.Names}} {{.Image}} {{.State}} {{.Label \"role\"}}").Output);
        Assert.Equal("NAMES     IMAGE\nbox       shell\n", machine.Run("container", "ls", "--format", @"table {{.Names}}\t{{.Image}}").Output);
        Assert.StartsWith($"{{\"ID\":\"{id[..12]}\",\"Names\":\"box\",", machine.Run("ps", "--format", "json").Output);
        Assert.Equal($"{id[..12]}\n", machine.Run("ps", "-q").Output);
        Assert.Equal("running A=1\n", machine.Run("inspect", "-f", "{{.State.Status}} {{range .Config.Env}}{{if eq . \"A=1\"}}{{.}}{{end}}{{end}}", "box").Output);
        Assert.StartsWith($"{{\"Id\":\"{id}\"", machine.Run("inspect", "--format", "json", "box").Output);
        Assert.Equal("shell latest\n", machine.Run("images", "--format", "{{.Repository}} {{.Tag}}").Output);
        Assert.Equal("box 1\n", machine.Run("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}").Output);
        Assert.Equal("1 1\n", machine.Run("info", "-f", "{{.Containers}} {{.Images}}").Output);
        Assert.Equal("linux\n", machine.Run("version", "-f", "{{.Server.Os}}").Output);
    }

    [Fact]
    public void A_wrong_template_is_refused_with_its_place_and_what_was_meant()
    {
        using Machine machine = new();
        Result result = machine.Run("images", "--format", "{{.Repo}}");
        Assert.Equal((125, "rundlet: format '{{.Repo}}', character 3: there is no member 'Repo'\n"), (result.Code, result.Error[..(result.Error.IndexOf('\n') + 1)]));
        Assert.Contains("hint: there are .Repository, .Tag", result.Error);
        Assert.Contains("did you mean 'json'?", machine.Run("version", "--format", "{{jsn .}}").Error);
    }
}
