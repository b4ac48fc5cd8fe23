using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Tests;

public sealed class LogOptionsTests
{
    [Fact]
    public void Without_flags_there_is_one_file_without_bounds()
    {
        Assert.Null(LogOptions.Parse(null, []));
        LogConfig config = LogOptions.Default.ToConfig(Subject())!;
        Assert.Equivalent(new LogConfig { Path = "/c/container.log" }, config, strict: true);
    }

    [Fact]
    public void Options_of_files_reach_the_supervisor()
    {
        LogConfig config = LogOptions.Parse("json-file", ["max-size=1.5m", "max-file=4", "compress=true", "labels=team,none", "env=A,B", "tag={{.Name}}/{{ .ID }}:{{.ImageID}}"])!.ToConfig(Subject())!;
        Assert.Equal((LogDriver.JsonFile, 1_572_864, 4, "/bin/rundlet"), (config.Driver, config.MaxSize, config.MaxFiles, config.Packer));
        Assert.Equal(new Dictionary<string, string> { ["team"] = "x", ["A"] = "2", ["tag"] = "web/aaaaaaaaaaaa:0123456789ab" }, config.Fields);
    }

    [Fact]
    public void Local_has_dockers_bounds()
    {
        LogConfig config = LogOptions.Parse("local", [])!.ToConfig(Subject())!;
        Assert.Equal((20 << 20, 5, "/bin/rundlet"), (config.MaxSize, config.MaxFiles, config.Packer));
        Assert.Null(LogOptions.Parse("local", ["compress=false"])!.ToConfig(Subject())!.Packer);
        Assert.Null(LogOptions.Parse("none", [])!.ToConfig(Subject()));
    }

    [Fact]
    public void The_journal_gets_dockers_fields()
    {
        LogConfig config = LogOptions.Parse("journald", ["labels=team,9-to.5", "mode=non-blocking"])!.ToConfig(Subject())!;
        Assert.Equal((LogDriver.Journald, LogOptions.JournalSocket, 1 << 20), (config.Driver, config.Path, config.MaxWaiting));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["CONTAINER_ID"] = new('a', 12),
                ["CONTAINER_ID_FULL"] = new('a', 64),
                ["CONTAINER_NAME"] = "web",
                ["CONTAINER_TAG"] = new('a', 12),
                ["IMAGE_NAME"] = "hello",
                ["SYSLOG_IDENTIFIER"] = new('a', 12),
                ["TEAM"] = "x",
                ["X9_TO_5"] = "y",
            },
            config.Fields);
        Assert.Equal(0, LogOptions.Parse("journald", [])!.ToConfig(Subject())!.MaxWaiting);
        Assert.Equal(4096, LogOptions.Parse("journald", ["mode=non-blocking", "max-buffer-size=4k"])!.ToConfig(Subject())!.MaxWaiting);
    }

    [Theory]
    [InlineData("syslog", "", "no log driver 'syslog'")]
    [InlineData("json-file", "max-size", "invalid log option 'max-size'")]
    [InlineData("json-file", "max-sice=1m", "did you mean 'max-size'")]
    [InlineData("journald", "max-size=1m", "has no option 'max-size'")]
    [InlineData("none", "tag=x", "has no option 'tag'")]
    [InlineData("json-file", "max-size=0", "invalid value '0'")]
    [InlineData("json-file", "max-size=ten", "invalid log option 'max-size' 'ten'")]
    [InlineData("json-file", "max-file=0", "invalid value '0'")]
    [InlineData("json-file", "compress=yes", "invalid value 'yes'")]
    [InlineData("json-file", "compress=true", "needs rotated files")]
    [InlineData("json-file", "mode=fast", "invalid value 'fast'")]
    [InlineData("json-file", "max-buffer-size=1m", "needs mode=non-blocking")]
    [InlineData("json-file", "tag={{.Nam}}", "invalid log option 'tag'")]
    [InlineData("json-file", "tag={{.Name", "invalid log option 'tag'")]
    public void What_is_wrong_is_said(string driver, string option, string message)
    {
        ContainerException error = Assert.Throws<ContainerException>(() => LogOptions.Parse(driver, option.Length > 0 ? [option] : []));
        Assert.Contains(message, $"{error.Message} {error.Hint}");
    }

    private static LogSubject Subject() => new()
    {
        Id = new string('a', 64),
        Name = "web",
        Image = "hello",
        ImageId = "sha256:0123456789abcdef",
        Folder = "/c",
        Labels = new Dictionary<string, string> { ["team"] = "x", ["9-to.5"] = "y", ["other"] = "z" },
        Environment = ["A=1", "A=2", "AB=3"],
        Packer = () => "/bin/rundlet",
    };
}
