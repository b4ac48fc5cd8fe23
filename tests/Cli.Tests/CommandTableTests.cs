using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands;
using Rundlet.Linux;

namespace Rundlet.Cli.Tests;

public sealed class CommandTableTests
{
    private static readonly CommandTable s_table = CommandList.Make();

    [Theory]
    [InlineData("images", "image ls")]
    [InlineData("images", "image list")]
    [InlineData("ps", "container ls")]
    [InlineData("ps", "container ps")]
    [InlineData("rm", "container rm")]
    [InlineData("info", "system info")]
    public void A_command_in_a_group_is_the_one_without(string alone, string grouped) =>
        Assert.Same(s_table.Read([alone]).Command, s_table.Read(grouped.Split(' ')).Command);

    [Fact]
    public void Flags_and_words_stand_behind_the_command_of_a_group()
    {
        CommandCall call = s_table.Read(["container", "run", "--rm", "-e", "A=1", "image", "--rm"]);
        Assert.IsType<RunCommand>(call.Command);
        Assert.Equal("rundlet container run", call.Arguments.Command);
        Assert.Equal(["image", "--rm"], call.Arguments.Words);
        Assert.Equal("A=1", call.Arguments.Value("env"));
    }

    [Theory]
    [InlineData("log", "did you mean 'rundlet logs'?")]
    [InlineData("imgae", "did you mean 'rundlet image'?")]
    [InlineData("xyzzy", "rundlet --help lists the commands")]
    [InlineData("ls", "did you mean 'rundlet container ls' or 'rundlet image ls' or 'rundlet network ls' or 'rundlet secret ls' or 'rundlet volume ls'?")]
    [InlineData("image sl", "did you mean 'rundlet image ls'?")]
    [InlineData("image run", "did you mean 'rundlet run'?")]
    [InlineData("image xyzzy", "rundlet image --help lists the commands")]
    public void A_wrong_word_is_told_with_what_was_meant(string line, string hint)
    {
        ContainerException error = Assert.Throws<ContainerException>(() => s_table.Read(line.Split(' ')));
        Assert.Equal($"unknown command '{line}'", error.Message);
        Assert.Equal(hint, error.Hint);
        Assert.Equal(ErrorReport.UsageCode, ErrorReport.CodeOf(error, 1));
    }

    [Theory]
    [InlineData("image")]
    [InlineData("image --help")]
    [InlineData("container -h")]
    public void A_group_alone_lists_its_commands(string line)
    {
        string group = line.Split(' ')[0];
        CommandCall call = s_table.Read(line.Split(' '));
        Assert.Null(call.Command);
        Assert.StartsWith($"Usage: rundlet {group} COMMAND\n", call.Help);
        foreach (CommandEntry entry in s_table.Groups.Single(candidate => candidate.Name == group).Commands)
            Assert.Contains($"\n  {entry.Name} ", call.Help);
        Assert.Equal(call.Help, s_table.HelpOf([group]));
    }

    [Fact]
    public void The_help_of_a_command_says_how_else_it_is_called()
    {
        string help = s_table.Read(["image", "ls", "--help"]).Help!;
        Assert.StartsWith("Usage: rundlet image ls [FLAGS]", help);
        Assert.Contains("The same as rundlet images.\n", help);
        Assert.Equal(help, s_table.HelpOf(["image", "ls"]));
    }

    [Fact]
    public void No_word_letter_or_flag_has_two_meanings()
    {
        AssertUnique([.. s_table.Commands.SelectMany(entry => entry.Aliases.Prepend(entry.Name)), .. s_table.Groups.Select(group => group.Name)]);
        foreach (CommandGroup group in s_table.Groups)
            AssertUnique([.. group.Commands.SelectMany(entry => entry.Aliases.Prepend(entry.Name))]);
        foreach (Command command in s_table.Commands.Concat(s_table.Groups.SelectMany(group => group.Commands)).Select(entry => entry.Command))
        {
            AssertUnique([.. command.Options.Select(option => option.Name)]);
            AssertUnique([.. command.Options.Select(option => option.Short).OfType<char>().Select(letter => letter.ToString())]);
        }
    }

    private static void AssertUnique(List<string> words) => Assert.Equal(words.Distinct(), words);
}
