using System.Text;

namespace Rundlet.Manual;

/// <summary>Completion for bash: commands, behind a group its commands, then the flags of the command; file names otherwise.</summary>
internal static class BashCompletion
{
    /// <summary>The script.</summary>
    public static string Of(ProgramHelp program)
    {
        string function = "_" + program.Name.Replace('-', '_');
        List<(string Place, HelpPage Page, IReadOnlyList<CommandHelp> Commands)> places = [.. Places("", program.Commands)];
        StringBuilder script = new();
        script.Append(function).Append("()\n{\n");
        script.Append("    local word=\"${COMP_WORDS[COMP_CWORD]}\" place=\"\" flags commands names i\n");
        script.Append("    for ((i = 1; i < COMP_CWORD; i++)); do\n");
        script.Append("        case \"$place/${COMP_WORDS[i]}\" in\n");
        if (places.Count > 0)
            script.Append("            ").AppendJoin('|', places.Select(place => place.Place)).Append(") place+=\"/${COMP_WORDS[i]}\" ;;\n");
        script.Append("        esac\n    done\n");
        script.Append("    case \"$place\" in\n");
        foreach ((string place, HelpPage page, IReadOnlyList<CommandHelp> commands) in places)
            AppendCase(script, place, page, commands, program.ListsNames);
        AppendCase(script, "*", program.Page, program.Commands, listsNames: false);
        script.Append("    esac\n");
        script.Append("    if [[ \"$word\" == -* ]]; then\n");
        script.Append("        COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n");
        script.Append("    elif [[ -n \"$commands\" ]]; then\n");
        script.Append("        COMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n");
        if (program.ListsNames)
        {
            script.Append("    elif [[ -n \"$names\" ]]; then\n");
            script.Append("        COMPREPLY=($(compgen -W \"$(").Append(program.Name).Append(" __complete \"$names\" 2>/dev/null)\" -- \"$word\"))\n");
        }
        script.Append("    fi\n}\n");
        script.Append("complete -o default -F ").Append(function).Append(' ').Append(program.Name).Append('\n');
        return script.ToString();
    }

    private static IEnumerable<(string Place, HelpPage Page, IReadOnlyList<CommandHelp> Commands)> Places(string parent, IReadOnlyList<CommandHelp> commands) =>
        commands.SelectMany(command => Places($"{parent}/{command.Name}", command.Commands).Prepend(($"{parent}/{command.Name}", command.Page, command.Commands)));

    private static void AppendCase(StringBuilder script, string place, HelpPage page, IReadOnlyList<CommandHelp> commands, bool listsNames)
    {
        script.Append("        ").Append(place).Append(") flags=\"").Append(Flags(page)).Append('"');
        if (commands.Count > 0)
            script.Append(" commands=\"").AppendJoin(' ', commands.Select(command => command.Name)).Append('"');
        if (listsNames && page.Names is { } kind)
            script.Append(" names=").Append(kind);
        script.Append(" ;;\n");
    }

    private static string Flags(HelpPage page) =>
        string.Join(' ', page.Flags.SelectMany(flag => flag.Short is { } letter ? (string[])[$"-{letter}", $"--{flag.Long}"] : [$"--{flag.Long}"]));
}
