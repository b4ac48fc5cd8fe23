using System.Text;
using Rundlet.Linux;

namespace Rundlet.Cli.CommandLine;

/// <summary>What <c>--help</c> prints, made from the definitions.</summary>
internal static class HelpText
{
    private const int Column = 30;

    /// <summary>Of the program.</summary>
    public static string Of(IReadOnlyList<Command> commands, IReadOnlyList<Option> options)
    {
        StringBuilder text = new();
        text.Append("Usage: rundlet [FLAGS] COMMAND\n\nRuns containers. No daemon: each container has one small supervisor, nothing else stays.\n");
        foreach (IGrouping<string, Command> group in commands.GroupBy(command => command.Group))
        {
            text.Append('\n').Append(group.Key).Append(":\n");
            foreach (Command command in group)
                Row(text, "  " + command.Name, command.Summary, 14);
        }
        AppendOptions(text, options);
        text.Append("\nrundlet COMMAND --help tells about a command.\n");
        return text.ToString();
    }

    /// <summary>Of one command.</summary>
    public static string Of(Command command)
    {
        StringBuilder text = new();
        string flags = command.Options.Count > 0 ? "[FLAGS] " : "";
        text.Append("Usage: rundlet ").Append(command.Name).Append(' ').Append(flags).Append(command.Usage).Append("\n\n").Append(command.Summary).Append('\n');
        AppendOptions(text, command.Options);
        if (command.Examples.Count > 0)
            text.Append("\nExamples:\n");
        foreach (string example in command.Examples)
            text.Append("  ").Append(example).Append('\n');
        return text.ToString();
    }

    /// <summary>Prints the help of a command named by a user.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    public static string Of(string name, IReadOnlyList<Command> commands) => Of(Session.Find(name, commands));

    private static void AppendOptions(StringBuilder text, IReadOnlyList<Option> options)
    {
        foreach (IGrouping<string, Option> group in options.GroupBy(option => option.Group))
        {
            text.Append('\n').Append(group.Key).Append(":\n");
            foreach (Option option in group)
            {
                string shortName = option.Short is { } letter ? $"-{letter}, " : "    ";
                Row(text, $"  {shortName}--{option.Name}{(option.Value is null ? "" : " " + option.Value)}", option.Help, Column);
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
