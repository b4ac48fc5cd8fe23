using Rundlet.Manual;

namespace Rundlet.Eng.Tests;

public sealed class ManualTests
{
    private const string ProgramText = """
        tool: does it's work

        Usage: tool [FLAGS] COMMAND

        Containers:
          run         Start [one] \now.
          ps          List them.

        Global flags:
          -v, --version               print the version
              --root DIR              folder of state

        tool COMMAND --help tells more.
        """;

    private const string RunText = """
        Usage: tool run [FLAGS] IMAGE

        Start [one] \now.

        Resources:
          -m, --memory SIZE           memory limit
              --publish [IP:][PORT:]PORT[/udp]
                                      lead a port
              --pids NUMBER           most processes; don't
        Examples:
          tool run -m 1g image
        """;

    private static ProgramHelp Tool => new("tool", HelpPage.Parse(ProgramText), [new CommandHelp("run", "Start [one] \\now.", HelpPage.Parse(RunText)), new CommandHelp("ps", "List them.", HelpPage.Parse("Usage: tool ps\n"))]);

    [Fact]
    public void Help_is_taken_apart()
    {
        HelpPage page = HelpPage.Parse(RunText);
        Assert.Equal("tool run [FLAGS] IMAGE", page.Usage);
        Assert.Equal(
            [new FlagRow('m', "memory", "SIZE", "memory limit"), new FlagRow(null, "publish", "[IP:][PORT:]PORT[/udp]", "lead a port"), new FlagRow(null, "pids", "NUMBER", "most processes; don't")],
            page.Flags);
        Assert.Equal(["tool run -m 1g image"], page.Examples);
        Assert.Equal([new CommandRow("run", "Start [one] \\now."), new CommandRow("ps", "List them.")], HelpPage.Parse(ProgramText).Commands);
    }

    [Theory]
    [InlineData("no usage\n")]
    [InlineData("Usage: x\n\n  row under nothing\n")]
    [InlineData("Usage: x\n\nFlags:\n  ?? what\n")]
    public void A_text_that_is_no_help_is_refused(string text) => Assert.Throws<InvalidDataException>(() => HelpPage.Parse(text));

    [Fact]
    public void A_man_page_keeps_dashes_and_backslashes()
    {
        string page = ManPage.Of(Tool, Tool.Commands[0]);
        Assert.Contains("\ntool\\-run \\- Start [one] \\enow\n", page);
        Assert.Contains(".TP\n\\fB\\-m, \\-\\-memory\\fR \\fISIZE\\fR\nmemory limit\n", page);
        Assert.Contains(".BR tool (1)", page);
        Assert.Contains("tool \\- does it's work\n", ManPage.Of(Tool));
    }

    [Fact]
    public void Completions_know_commands_and_flags()
    {
        Assert.Contains("run) flags=\"-m --memory --publish --pids\" ;;", BashCompletion.Of(Tool));
        Assert.Contains("'--pids[most processes; don'\\''t]:NUMBER:_files'", ZshCompletion.Of(Tool));
        Assert.Contains("complete -c tool -n '__fish_seen_subcommand_from run' -l pids -r -d 'most processes; don\\'t'", FishCompletion.Of(Tool));
    }

    [Fact]
    public void Every_file_has_its_place() => Assert.Equal(
        [
            "share/man/man1/tool.1", "share/man/man1/tool-run.1", "share/man/man1/tool-ps.1", "share/bash-completion/completions/tool",
            "share/zsh/site-functions/_tool", "share/fish/vendor_completions.d/tool.fish",
        ],
        Rundlet.Manual.Program.Files(Tool).Select(file => file.Path));
}
