namespace Rundlet.Cli.CommandLine;

/// <summary>A flag of a command.</summary>
/// <param name="Name">The long name, without dashes.</param>
/// <param name="Short">The one-letter name; null for none.</param>
/// <param name="Value">What its value is called in the help; null for a flag without one.</param>
/// <param name="Help">What it does.</param>
internal sealed record Option(string Name, char? Short, string? Value, string Help)
{
    /// <summary>The heading under which the help lists it.</summary>
    public string Group { get; init; } = "Options";

    /// <summary>Other long names, which the help does not show.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Why a flag that docker has is refused here; null for a flag that works. The help does not show it.</summary>
    public string? Refusal { get; init; }

    /// <summary>Whether a word names it.</summary>
    public bool IsNamed(string name) => Name == name || Aliases.Contains(name);

    /// <summary>Puts options under a heading.</summary>
    public static IEnumerable<Option> Under(string group, params IEnumerable<Option> options) => options.Select(option => option with { Group = group });
}
