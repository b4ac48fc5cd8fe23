using Rundlet.Engine;
using Rundlet.Linux;

namespace Rundlet.Cli.CommandLine;

//   rundlet images -q             a command by its own name
//   rundlet image ls -q           the same command object, in a group
//   rundlet image prune           a command that is in a group alone

/// <summary>All commands: those with a name of their own, and groups. A command that is in both is one object with one definition.</summary>
/// <param name="commands">Commands that stand right behind the program's name.</param>
/// <param name="groups">Words behind which further commands stand.</param>
internal sealed class CommandTable(IReadOnlyList<CommandEntry> commands, IReadOnlyList<CommandGroup> groups)
{
    private const string Program = "rundlet";

    /// <summary>Commands that stand right behind the program's name.</summary>
    public IReadOnlyList<CommandEntry> Commands => commands;

    /// <summary>Words behind which further commands stand.</summary>
    public IReadOnlyList<CommandGroup> Groups => groups;

    /// <summary>Finds out what is asked for.</summary>
    /// <param name="words">The command line behind the program's own flags, at least one word.</param>
    /// <exception cref="ContainerException">InvalidArgument: no such command, or its flags are wrong.</exception>
    public CommandCall Read(ReadOnlySpan<string> words)
    {
        if (GroupOf(words[0]) is not { } group)
            return Call(Find(words[0]), Program, words[1..]);
        string place = $"{Program} {group.Name}";
        Arguments arguments = Arguments.Parse(words[1..], [], place, freeWords: 1);
        return arguments.Help || arguments.Words.Count == 0
            ? new CommandCall(null, arguments, HelpText.Of(group))
            : Call(Find(arguments.Words[0], group), place, arguments.Words.ToArray().AsSpan(1));
    }

    /// <summary>The help about the command or group that some words name.</summary>
    /// <exception cref="ContainerException">InvalidArgument: there is none.</exception>
    public string HelpOf(IReadOnlyList<string> words)
    {
        if (GroupOf(words[0]) is not { } group)
            return HelpText.Of($"{Program} {words[0]}", Find(words[0]).Command, this);
        return words.Count == 1 ? HelpText.Of(group) : HelpText.Of($"{Program} {group.Name} {words[1]}", Find(words[1], group).Command, this);
    }

    /// <summary>Every way to call a command, the shortest first.</summary>
    public IEnumerable<string> PlacesOf(Command command) =>
        commands.Where(entry => entry.Command == command).Select(entry => $"{Program} {entry.Name}")
            .Concat(from grouped in groups from entry in grouped.Commands where entry.Command == command select $"{Program} {grouped.Name} {entry.Name}");

    private CommandCall Call(CommandEntry entry, string place, ReadOnlySpan<string> words)
    {
        string path = $"{place} {entry.Name}";
        Arguments arguments = Arguments.Parse(words, entry.Command.Options, path, entry.Command.FreeWords);
        return new CommandCall(entry.Command, arguments, arguments.Help ? HelpText.Of(path, entry.Command, this) : null);
    }

    private CommandGroup? GroupOf(string word) => groups.FirstOrDefault(group => group.Name == word);

    private CommandEntry Find(string word) => commands.FirstOrDefault(entry => entry.IsCalled(word)) ?? throw Unknown(word);

    private CommandEntry Find(string word, CommandGroup group) => group.Commands.FirstOrDefault(entry => entry.IsCalled(word)) ?? throw Unknown(word, group);

    private ContainerException Unknown(string word)
    {
        // Somebody knows the command, and has forgotten its group.
        List<string> grouped = [.. groups.Where(group => group.Commands.Any(entry => entry.Name == word)).Select(group => $"{Program} {group.Name} {word}")];
        string? near = Nearest.Of(word, [.. commands.Where(entry => !entry.Command.IsHidden).Select(entry => entry.Name), .. groups.Select(group => group.Name)]);
        return Error($"unknown command '{word}'", grouped.Count > 0 ? grouped : near is null ? [] : [$"{Program} {near}"], $"{Program} --help lists the commands");
    }

    private ContainerException Unknown(string word, CommandGroup group)
    {
        string? near = Nearest.Of(word, group.Commands.SelectMany(entry => entry.Aliases.Prepend(entry.Name)));
        List<string> meant = near is not null ? [$"{Program} {group.Name} {near}"]
            : commands.Any(entry => entry.IsCalled(word)) ? [$"{Program} {word}"]
            : [];
        return Error($"unknown command '{group.Name} {word}'", meant, $"{Program} {group.Name} --help lists the commands");
    }

    private static ContainerException Error(string message, List<string> meant, string otherwise) => new(ContainerErrorKind.InvalidArgument, message)
    {
        Hint = meant.Count == 0 ? otherwise : $"did you mean {string.Join(" or ", meant.Select(path => $"'{path}'"))}?",
    };
}
