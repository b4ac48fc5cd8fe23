using System.Text;
using Rundlet.Runcs.CommandLine;

namespace Rundlet.Runcs;

/// <summary>The help, made from the definitions of the commands.</summary>
internal static class HelpText
{
    private const int HelpColumn = 36;

    /// <summary>All commands.</summary>
    public static int Print(IReadOnlyList<Command> commands)
    {
        StringBuilder text = new("runcs: an OCI runtime\n\nUsage: runcs [GLOBAL FLAGS] COMMAND [FLAGS] [ARGUMENTS]\n\nCommands:\n");
        foreach (Command command in commands)
            text.Append("  ").Append(command.Name.PadRight(10)).Append(command.Summary).Append('\n');
        text.Append("\nGlobal flags:\n");
        Append(text, GlobalOptions.Options);
        Output.Write(text.ToString());
        return 0;
    }

    /// <summary>One command.</summary>
    public static int Print(Command command)
    {
        StringBuilder text = new($"runcs {command.Name}: {command.Summary}\n\nUsage: runcs {command.Name} [FLAGS] {command.Usage}\n");
        if (command.Options.Count > 0)
            text.Append("\nFlags:\n");
        Append(text, command.Options);
        Output.Write(text.ToString());
        return 0;
    }

    private static void Append(StringBuilder text, IReadOnlyList<Option> options)
    {
        foreach (Option option in options)
        {
            string flag = (option.Short is { } letter ? $"-{letter}, " : "    ") + $"--{option.Name}" + (option.Value is { } value ? $" {value}" : "");
            text.Append("  ").Append(flag.PadRight(HelpColumn - 2));
            if (flag.Length > HelpColumn - 4)
                text.Append('\n').Append(' ', HelpColumn);
            text.Append(option.Help).Append('\n');
        }
    }
}
