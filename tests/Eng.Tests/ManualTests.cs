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

    private const string ImageText = """
        Usage: tool image COMMAND

        Work with images.

        Commands:
          ls          List images.

        """;

    private static ProgramHelp Tool => new(
        "tool",
        HelpPage.Parse(ProgramText),
        [
            new CommandHelp("run", "Start [one] \\now.", HelpPage.Parse(RunText)),
            new CommandHelp("ps", "List them.", HelpPage.Parse("Usage: tool ps\n")),
            new CommandHelp("image", "Work with images.", HelpPage.Parse(ImageText), new CommandHelp("ls", "List images.", HelpPage.Parse("Usage: tool image ls\n\nOptions:\n  -q, --quiet  ids\n"))),
        ]);

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
        string page = ManPage.Of("tool", Tool.Commands[0]);
        Assert.Contains("\ntool\\-run \\- Start [one] \\enow\n", page);
        Assert.Contains(".TP\n\\fB\\-m, \\-\\-memory\\fR \\fISIZE\\fR\nmemory limit\n", page);
        Assert.Contains(".BR tool (1)", page);
        Assert.Contains("tool \\- does it's work\n", ManPage.Of(Tool));
        Assert.Contains(".SH COMMANDS\n.TP\n.BR tool\\-image\\-ls (1)\nList images.\n", ManPage.Of("tool", Tool.Commands[2]));
    }

    [Fact]
    public void Completions_know_commands_and_flags()
    {
        Assert.Contains("run) flags=\"-m --memory --publish --pids\" ;;", BashCompletion.Of(Tool));
        Assert.Contains("'--pids[most processes; don'\\''t]:NUMBER:_files'", ZshCompletion.Of(Tool));
        Assert.Contains("complete -c tool -n '__fish_seen_subcommand_from run' -l pids -r -d 'most processes; don\\'t'", FishCompletion.Of(Tool));
    }

    [Fact]
    public void Completions_know_the_commands_of_groups()
    {
        string bash = BashCompletion.Of(Tool), zsh = ZshCompletion.Of(Tool), fish = FishCompletion.Of(Tool);
        Assert.Contains("/run|/ps|/image|/image/ls) place+=", bash);
        Assert.Contains("/image) flags=\"\" commands=\"ls\" ;;", bash);
        Assert.Contains("/image/ls) flags=\"-q --quiet\" ;;", bash);
        Assert.Contains("_tool_image() {\n", zsh);
        Assert.Contains("image) _tool_image ;;", zsh);
        Assert.Contains("-n '__fish_seen_subcommand_from image; and not __fish_seen_subcommand_from ls' -f -a ls", fish);
        Assert.Contains("-n '__fish_seen_subcommand_from image; and __fish_seen_subcommand_from ls' -l quiet", fish);
    }

    [Fact]
    public void Completions_ask_the_program_for_names_where_it_can_list_them()
    {
        Assert.DoesNotContain("__complete", BashCompletion.Of(Tool) + ZshCompletion.Of(Tool) + FishCompletion.Of(Tool));
        ProgramHelp tool = Tool with { ListsNames = true };
        Assert.Contains("run) flags=\"-m --memory --publish --pids\" names=image ;;", BashCompletion.Of(tool));
        Assert.Contains("compgen -W \"$(tool __complete \"$names\" 2>/dev/null)\"", BashCompletion.Of(tool));
        Assert.Contains("'1:image:_tool_names image' '*:file:_files' ;;", ZshCompletion.Of(tool));
        Assert.Contains("-n '__fish_seen_subcommand_from run' -f -a '(tool __complete image 2>/dev/null)'", FishCompletion.Of(tool));
    }

    [Theory]
    [InlineData("tool stop [FLAGS] CONTAINER…", "container")]
    [InlineData("tool container top CONTAINER [PS-OPTION…]", "container")]
    [InlineData("tool stats [FLAGS] [CONTAINER…]", "container")]
    [InlineData("tool cp [FLAGS] SOURCE CONTAINER:PATH", null)]
    [InlineData("tool state CONTAINER-ID", "container")]
    [InlineData("tool ps [FLAGS]", null)]
    public void The_first_word_says_what_is_named(string usage, string? kind) => Assert.Equal(kind, HelpPage.Parse($"Usage: {usage}\n").Names);

    [Fact]
    public void Every_file_has_its_place() => Assert.Equal(
        [
            "share/man/man1/tool.1", "share/man/man1/tool-run.1", "share/man/man1/tool-ps.1", "share/man/man1/tool-image.1", "share/man/man1/tool-image-ls.1",
            "share/bash-completion/completions/tool",
            "share/zsh/site-functions/_tool", "share/fish/vendor_completions.d/tool.fish",
        ],
        Rundlet.Manual.Program.Files(Tool).Select(file => file.Path));
}
