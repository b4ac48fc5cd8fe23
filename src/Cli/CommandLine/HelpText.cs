using System.Text;

namespace Rundlet.Cli.CommandLine;

/// <summary>What <c>--help</c> prints, made from the definitions. eng/Manual reads it: rows are indented by two, headings end in a colon.</summary>
internal static class HelpText
{
    private const int CommandColumn = 14;
    private const int OptionColumn = 30;

    /// <summary>Of the program.</summary>
    public static string Of(CommandTable table, IReadOnlyList<Option> options)
    {
        StringBuilder text = new();
        text.Append("Usage: rundlet [FLAGS] COMMAND\n\nRuns containers. No daemon: each container has one small supervisor, nothing else stays.\n");
        foreach (IGrouping<string, CommandEntry> group in table.Commands.Where(entry => !entry.Command.IsHidden).GroupBy(entry => entry.Command.Group))
            AppendCommands(text, group.Key, group);
        text.Append("\nGroups:\n");
        foreach (CommandGroup group in table.Groups)
            Row(text, $"  {group.Name}", group.Summary, CommandColumn);
        AppendOptions(text, options);
        text.Append("\nrundlet COMMAND --help tells about a command, rundlet GROUP --help lists the commands of a group.\n");
        return text.ToString();
    }

    /// <summary>Of a group.</summary>
    public static string Of(CommandGroup group)
    {
        StringBuilder text = new();
        text.Append("Usage: rundlet ").Append(group.Name).Append(" COMMAND\n\n").Append(group.Summary).Append('\n');
        AppendCommands(text, "Commands", group.Commands);
        text.Append("\nrundlet ").Append(group.Name).Append(" COMMAND --help tells about a command.\n");
        return text.ToString();
    }

    /// <summary>Of one command.</summary>
    /// <param name="path">How it was called, such as <c>rundlet image ls</c>.</param>
    /// <param name="command">The command.</param>
    /// <param name="table">Where its other names are.</param>
    public static string Of(string path, Command command, CommandTable table)
    {
        StringBuilder text = new();
        string flags = command.Options.Count > 0 ? " [FLAGS]" : "", words = command.Usage.Length > 0 ? $" {command.Usage}" : "";
        text.Append("Usage: ").Append(path).Append(flags).Append(words).Append("\n\n").Append(command.Summary).Append('\n');
        List<string> others = [.. table.PlacesOf(command).Where(place => place != path)];
        if (others.Count > 0)
            text.Append("\nThe same as ").AppendJoin(" and ", others).Append(".\n");
        AppendOptions(text, command.Options);
        if (command.Examples.Count > 0)
            text.Append("\nExamples:\n");
        foreach (string example in command.Examples)
            text.Append("  ").Append(example).Append('\n');
        return text.ToString();
    }

    private static void AppendCommands(StringBuilder text, string heading, IEnumerable<CommandEntry> entries)
    {
        text.Append('\n').Append(heading).Append(":\n");
        foreach (CommandEntry entry in entries)
            Row(text, $"  {entry.Name}", entry.Command.Summary, CommandColumn);
    }

    private static void AppendOptions(StringBuilder text, IReadOnlyList<Option> options)
    {
        foreach (IGrouping<string, Option> group in options.Where(option => option.Refusal is null).GroupBy(option => option.Group))
        {
            text.Append('\n').Append(group.Key).Append(":\n");
            foreach (Option option in group)
            {
                string shortName = option.Short is { } letter ? $"-{letter}, " : "    ";
                Row(text, $"  {shortName}--{option.Name}{(option.Value is null ? "" : " " + option.Value)}", option.Help, OptionColumn);
            }
        }
    }

    private static void Row(StringBuilder text, string left, string right, int column)
    {
        text.Append(left);
        if (left.Length >= column)
            text.Append('\n').Append(' ', column);
        else
            text.Append(' ', column - left.Length);
        text.Append(right).Append('\n');
    }
}
