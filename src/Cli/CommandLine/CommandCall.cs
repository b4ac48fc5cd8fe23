namespace Rundlet.Cli.CommandLine;

/// <summary>What a command line asks for: a command, or only a help text.</summary>
/// <param name="Command">The command; null where only the help of the program or of a group is wanted.</param>
/// <param name="Arguments">Its flags and words.</param>
/// <param name="Help">The text to print in place of running anything.</param>
internal sealed record CommandCall(Command? Command, Arguments Arguments, string? Help);
