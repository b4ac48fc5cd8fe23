using System.Text;

namespace Rundlet.Manual;

/// <summary>Completion for fish: commands and flags with what they do; file names otherwise.</summary>
internal static class FishCompletion
{
    /// <summary>The script.</summary>
    public static string Of(ProgramHelp program)
    {
        StringBuilder script = new();
        AppendFlags(script, program.Name, "__fish_use_subcommand", program.Page);
        AppendCommands(script, program, "__fish_use_subcommand", "", program.Commands);
        return script.ToString();
    }

    // Behind a group its commands are offered until one of them is there.
    private static void AppendCommands(StringBuilder script, ProgramHelp program, string here, string seenBefore, IReadOnlyList<CommandHelp> commands)
    {
        foreach (CommandHelp command in commands)
        {
            script.Append("complete -c ").Append(program.Name).Append(" -n ").Append(Condition(here)).Append(" -f -a ").Append(command.Name).Append(" -d ").Append(Quoted(command.Summary)).Append('\n');
            string seen = $"{seenBefore}__fish_seen_subcommand_from {command.Name}";
            AppendFlags(script, program.Name, seen, command.Page);
            if (program.ListsNames && command.Page.Names is { } kind)
                script.Append("complete -c ").Append(program.Name).Append(" -n ").Append(Quoted(seen)).Append(" -f -a ").Append(Quoted($"({program.Name} __complete {kind} 2>/dev/null)")).Append('\n');
            AppendCommands(script, program, $"{seen}; and not __fish_seen_subcommand_from {string.Join(' ', command.Commands.Select(inner => inner.Name))}", $"{seen}; and ", command.Commands);
        }
    }

    private static string Condition(string condition) => condition.Contains(' ') ? Quoted(condition) : condition;

    private static void AppendFlags(StringBuilder script, string program, string condition, HelpPage page)
    {
        foreach (FlagRow flag in page.Flags)
        {
            script.Append("complete -c ").Append(program).Append(" -n ").Append(Quoted(condition)).Append(" -l ").Append(flag.Long);
            if (flag.Short is { } letter)
                script.Append(" -s ").Append(letter);
            if (flag.Value is not null)
                script.Append(" -r");
            script.Append(" -d ").Append(Quoted(flag.Help)).Append('\n');
        }
    }

    private static string Quoted(string text) => $"'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'";
}
