using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Tests;

public sealed class ArgumentsTests
{
    private static readonly Option[] s_options =
    [
        new("interactive", 'i', null, ""), new("tty", 't', null, ""), new("env", 'e', "NAME", ""), new("publish", 'p', "PORT", ""), new("rm", null, null, ""),
    ];

    [Theory]
    [InlineData("-it image", "interactive tty")]
    [InlineData("-i -t image", "interactive tty")]
    [InlineData("--interactive --tty image", "interactive tty")]
    [InlineData("--interactive=true --tty=false image", "interactive")]
    [InlineData("-ti=false image", "tty")]
    public void Flags_without_value_are_read_alone_and_together(string line, string expected)
    {
        Arguments parsed = Parse(line);
        Assert.Equal(expected, string.Join(' ', ((string[])["interactive", "tty"]).Where(parsed.Has)));
        Assert.Equal(["image"], parsed.Words);
    }

    [Theory]
    [InlineData("-e A=1 image")]
    [InlineData("-eA=1 image")]
    [InlineData("-ite A=1 image")]
    [InlineData("-iteA=1 image")]
    [InlineData("--env A=1 image")]
    [InlineData("--env=A=1 image")]
    public void A_value_stands_behind_its_flag_in_every_form(string line) => Assert.Equal("A=1", Parse(line).Value("env"));

    [Theory]
    [InlineData("--rm image ls -la --color", "image ls -la --color")]
    [InlineData("--rm image -- ls", "image ls")]
    [InlineData("--rm image ls -- x", "image ls -- x")]
    [InlineData("-- image --rm", "image --rm")]
    [InlineData("image --rm -it", "image --rm -it")]
    public void What_follows_the_image_belongs_to_the_container(string line, string words) => Assert.Equal(words, string.Join(' ', Parse(line).Words));

    [Fact]
    public void A_flag_that_is_repeated_keeps_all_values_in_order() => Assert.Equal(["1", "2"], Parse("-p 1 --publish=2 image").Values("publish"));

    [Theory]
    [InlineData("--intractive image", "--interactive")]
    [InlineData("--publsh 1 image", "--publish")]
    public void A_wrong_flag_says_which_was_meant(string line, string meant) => Assert.Contains(meant, Assert.Throws<ContainerException>(() => Parse(line)).Hint);

    [Theory]
    [InlineData("-x image")]
    [InlineData("-ix image")]
    [InlineData("--env")]
    [InlineData("-e")]
    [InlineData("--rm=perhaps image")]
    public void What_cannot_be_read_is_refused(string line) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => Parse(line)).Kind);

    [Fact]
    public void A_whole_line_of_run_becomes_options()
    {
        string[] words = ["-d", "--name", "web", "-m", "128m", "--cpus=.5", "-c512", "--pids-limit", "100", "-p8080:80", "-vts=x", "hello", "http", "-p"];
        Assert.Throws<ContainerException>(() => RunOptions.Read(Arguments.Parse(words, RunOptions.All, "run", 1)));
        words[10] = "-v/a:/b:ro";
        ContainerOptions options = RunOptions.Read(Arguments.Parse(words, RunOptions.All, "run", 1));
        Assert.Equal(("web", 128L << 20, 500_000_000L, 512L, 100L), (options.Name, options.Resources.Memory, options.Resources.NanoCpus, options.Resources.CpuShares, options.Resources.PidsLimit));
        Assert.Equal(["http", "-p"], options.Command);
        Assert.Equal(["8080:80"], options.Ports);
        Assert.Equal("/b", Assert.Single(options.Mounts).Destination);
    }

    private static Arguments Parse(string line) => Arguments.Parse(line.Split(' '), s_options, "run", freeWords: 1);
}
