using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public class ConfigChangeTests
{
    private static string Text(IEnumerable<string>? list) => list is null ? "-" : string.Join('|', list);

    [Theory]
    [InlineData("""CMD ["/app", "-v"]""", "/app|-v")]
    [InlineData("cmd echo \"a b\" $X", "/bin/sh|-c|echo \"a b\" $X")]
    [InlineData("CMD=/bin/app", "/bin/sh|-c|/bin/app")]
    [InlineData("""CMD [ "not", json""", """/bin/sh|-c|[ "not", json""")]
    public void A_command_is_a_list_or_a_line_for_the_shell(string change, string expected) => Assert.Equal(expected, Text(Changed(change).Cmd));

    [Fact]
    public void A_new_entry_point_takes_the_old_command_away_unless_one_is_given()
    {
        Assert.Null(Changed("""ENTRYPOINT ["/init"]""").Cmd);
        ContainerConfig both = Changed("CMD [\"x\"]", """ENTRYPOINT ["/init"]""");
        Assert.Equal(("/init", "x"), (Text(both.Entrypoint), Text(both.Cmd)));
    }

    [Theory]
    [InlineData("ENV A=1 B=2", "PATH=/bin|A=1|B=2")]
    [InlineData("ENV A=\"two words\" B='it''s' C=a\\ b", "PATH=/bin|A=two words|B=its|C=a b")]
    [InlineData("ENV A two words", "PATH=/bin|A=two words")]
    [InlineData("ENV PATH=$PATH:/opt/${NONE}x", "PATH=/bin:/opt/x")]
    [InlineData("ENV A='$PATH' B=\\$PATH C=\"\\n\\\"\"", "PATH=/bin|A=$PATH|B=$PATH|C=\\n\"")]
    [InlineData("ENV=A=b=c", "PATH=/bin|A=b=c")]
    [InlineData("ENV A=", "PATH=/bin|A=")]
    public void Variables_are_read_as_in_dockerfiles(string change, string expected) => Assert.Equal(expected, Text(Changed(change).Env));

    [Theory]
    [InlineData("EXPOSE 80", "80/tcp")]
    [InlineData("EXPOSE 53/UDP 8000-8002 80/tcp", "53/udp|80/tcp|8000/tcp|8001/tcp|8002/tcp")]
    public void Ports_are_exposed(string change, string expected) => Assert.Equal(expected, Text(Changed(change).ExposedPorts));

    [Fact]
    public void Everything_else_is_set_too()
    {
        ContainerConfig config = Changed("LABEL a=1 \"b c\"=\"d e\"", "USER ann:staff", "VOLUME /data /logs", "VOLUME [\"/more\"]", "WORKDIR /srv", "WORKDIR ../opt/./app", "STOPSIGNAL SIGQUIT");
        Assert.Equal("a=1|b c=d e", Text(config.Labels!.Select(label => $"{label.Key}={label.Value}")));
        Assert.Equal(("ann:staff", "/data|/logs|/more", "/opt/app", "SIGQUIT"), (config.User, Text(config.Volumes), config.WorkingDir, config.StopSignal));
    }

    [Theory]
    [InlineData("", "needs something")]
    [InlineData("CMD", "'CMD' needs something")]
    [InlineData("CMD []", "empty")]
    [InlineData("RUN ls", "'RUN' cannot be changed")]
    [InlineData("ENV A", "no value")]
    [InlineData("ENV A=1 B", "not NAME=VALUE")]
    [InlineData("ENV A=\"1", "not closed")]
    [InlineData("ENV A=${B:-c}", "variables")]
    [InlineData("EXPOSE 0", "no port")]
    [InlineData("EXPOSE 9-8", "no port")]
    [InlineData("EXPOSE 80/icmp", "no port")]
    [InlineData("EXPOSE 70000", "no port")]
    [InlineData("VOLUME data", "not absolute")]
    [InlineData("USER a b", "one word")]
    public void What_is_wrong_is_told_with_the_change(string change, string problem)
    {
        var error = Assert.Throws<ContainerException>(() => Changed(change));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains($"'{change}'", error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void An_unknown_signal_is_refused() => Assert.Throws<ContainerException>(() => Changed("STOPSIGNAL SIGFOO"));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1700000000", 1_700_000_000)]
    [InlineData("2023-11-14T22:13:20Z", 1_700_000_000)]
    [InlineData("2023-11-14T23:13:20+01:00", 1_700_000_000)]
    public void Timestamps_are_seconds_or_dates(string text, long seconds) => Assert.Equal(seconds, TimestampOption.Read(text)!.Value.ToUnixTimeSeconds());

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("yesterday")]
    [InlineData("2023-11-14")]
    [InlineData("2023-11-14T22:13:20")]
    [InlineData("1969-01-01T00:00:00Z")]
    [InlineData("99999999999999999")]
    public void Other_timestamps_are_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => TimestampOption.Read(text)).Kind);

    private static ContainerConfig Changed(params string[] changes)
    {
        var config = new ContainerConfig { Cmd = ["old"], Env = ["PATH=/bin"] };
        ConfigChange.Apply(config, changes);
        return config;
    }
}
