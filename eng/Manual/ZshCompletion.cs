using System.Text;

namespace Rundlet.Manual;

/// <summary>Completion for zsh: commands and flags with what they do; file names otherwise.</summary>
internal static class ZshCompletion
{
    /// <summary>The script.</summary>
    public static string Of(ProgramHelp program)
    {
        StringBuilder script = new();
        script.Append("#compdef ").Append(program.Name).Append("\n\n");
        string prefix = $"_{program.Name}_";
        if (program.ListsNames)
            script.Append(prefix).Append("names() {\n    compadd -- ${(f)\"$(").Append(program.Name).Append(" __complete $1 2>/dev/null)\"}\n}\n\n");
        string? names = program.ListsNames ? prefix + "names" : null;
        foreach (CommandHelp group in program.Commands.Where(command => command.Commands.Count > 0))
        {
            script.Append(prefix).Append(group.Name).Append("() {\n");
            AppendLevel(script, group.Page, group.Commands, $"{prefix}{group.Name}_", names);
            script.Append("}\n\n");
        }
        AppendLevel(script, program.Page, program.Commands, prefix, names);
        return script.ToString();
    }

    // Flags, then a word out of a list, then what belongs to that word.
    private static void AppendLevel(StringBuilder script, HelpPage page, IReadOnlyList<CommandHelp> commands, string prefix, string? names)
    {
        script.Append("local curcontext=\"$curcontext\" state line\nlocal -a commands\ncommands=(\n");
        foreach (CommandHelp command in commands)
            script.Append("    ").Append(Quoted($"{command.Name}:{command.Summary}")).Append('\n');
        script.Append(")\n_arguments -C \\\n");
        AppendFlags(script, page, "    ");
        script.Append("    '1:command:->command' '*::argument:->argument'\n");
        script.Append("case $state in\n    command) _describe command commands ;;\n    argument)\n        case $line[1] in\n");
        foreach (CommandHelp command in commands)
        {
            script.Append("            ").Append(command.Name).Append(") ");
            if (command.Commands.Count > 0)
            {
                script.Append(prefix).Append(command.Name).Append(" ;;\n");
                continue;
            }
            script.Append("_arguments \\\n");
            AppendFlags(script, command.Page, "                ");
            bool lists = names is not null && command.Page.Names is not null;
            // What follows a list of names is one of them too; what follows a single one is the program's own business.
            script.Append("                ").Append(!lists ? "'*:file:_files'" : command.Page.Usage.Contains('…') && !command.Page.Usage.Contains("[ARG…]")
                ? $"'*:{command.Page.Names}:{names} {command.Page.Names}'" : $"'1:{command.Page.Names}:{names} {command.Page.Names}' '*:file:_files'").Append(" ;;\n");
        }
        script.Append("        esac ;;\nesac\n");
    }

    private static void AppendFlags(StringBuilder script, HelpPage page, string indent)
    {
        foreach (FlagRow flag in page.Flags)
        {
            string value = flag.Value is null ? "" : $":{Plain(flag.Value)}:_files";
            string help = $"[{Plain(flag.Help)}]{value}";
            if (flag.Short is { } letter)
                script.Append(indent).Append(Quoted($"-{letter}{help}")).Append(" \\\n");
            script.Append(indent).Append(Quoted($"--{flag.Long}{help}")).Append(" \\\n");
        }
    }

    // Brackets and colons separate the parts of a specification of _arguments.
    private static string Plain(string text) => text.Replace("[", "\\[").Replace("]", "\\]").Replace(":", "\\:");

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''")}'";
}
