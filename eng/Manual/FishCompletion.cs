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
        foreach (CommandHelp command in program.Commands)
        {
            script.Append("complete -c ").Append(program.Name).Append(" -n __fish_use_subcommand -f -a ").Append(command.Name).Append(" -d ").Append(Quoted(command.Summary)).Append('\n');
            AppendFlags(script, program.Name, $"__fish_seen_subcommand_from {command.Name}", command.Page);
        }
        return script.ToString();
    }

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
