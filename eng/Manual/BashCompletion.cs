using System.Text;

namespace Rundlet.Manual;

/// <summary>Completion for bash: commands, then the flags of the command; file names otherwise.</summary>
internal static class BashCompletion
{
    /// <summary>The script.</summary>
    public static string Of(ProgramHelp program)
    {
        string function = "_" + program.Name.Replace('-', '_');
        StringBuilder script = new();
        script.Append(function).Append("()\n{\n");
        script.Append("    local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"\" flags i\n");
        script.Append("    for ((i = 1; i < COMP_CWORD; i++)); do\n");
        script.Append("        case \"${COMP_WORDS[i]}\" in\n");
        if (program.Commands.Count > 0)
            script.Append("            ").AppendJoin('|', program.Commands.Select(command => command.Name)).Append(") command=\"${COMP_WORDS[i]}\"; break ;;\n");
        script.Append("        esac\n    done\n");
        script.Append("    case \"$command\" in\n");
        foreach (CommandHelp command in program.Commands)
            script.Append("        ").Append(command.Name).Append(") flags=\"").Append(Flags(command.Page)).Append("\" ;;\n");
        script.Append("        *) flags=\"").Append(Flags(program.Page)).Append("\" ;;\n    esac\n");
        script.Append("    if [[ \"$word\" == -* ]]; then\n");
        script.Append("        COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n");
        script.Append("    elif [[ -z \"$command\" ]]; then\n");
        script.Append("        COMPREPLY=($(compgen -W \"").AppendJoin(' ', program.Commands.Select(command => command.Name)).Append("\" -- \"$word\"))\n");
        script.Append("    fi\n}\n");
        script.Append("complete -o default -F ").Append(function).Append(' ').Append(program.Name).Append('\n');
        return script.ToString();
    }

    private static string Flags(HelpPage page) =>
        string.Join(' ', page.Flags.SelectMany(flag => flag.Short is { } letter ? (string[])[$"-{letter}", $"--{flag.Long}"] : [$"--{flag.Long}"]));
}
