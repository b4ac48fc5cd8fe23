namespace Rundlet.Cli.CommandLine;

/// <summary>Commands behind a word of their own: <c>rundlet image ls</c>.</summary>
/// <param name="Name">The word.</param>
/// <param name="Summary">What they are about, in a line.</param>
/// <param name="Commands">The commands, in the order of the help.</param>
internal sealed record CommandGroup(string Name, string Summary, IReadOnlyList<CommandEntry> Commands);
