namespace Rundlet.Cli.CommandLine;

/// <summary>A command with the word that calls it at one place of the command line.</summary>
/// <param name="Name">The word.</param>
/// <param name="Command">What it calls.</param>
/// <param name="Aliases">Other words for it, which the list of commands does not show.</param>
internal sealed record CommandEntry(string Name, Command Command, params IReadOnlyList<string> Aliases)
{
    /// <summary>A command under its own name.</summary>
    public static implicit operator CommandEntry(Command command) => new(command.Name, command);

    /// <summary>Whether a word calls it.</summary>
    public bool IsCalled(string word) => Name == word || Aliases.Contains(word);
}
