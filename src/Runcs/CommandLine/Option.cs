namespace Rundlet.Runcs.CommandLine;

/// <summary>A flag of a command.</summary>
/// <param name="Name">The long name, without dashes.</param>
/// <param name="Short">The one-letter name, or null.</param>
/// <param name="Value">What its value is called in the help; null for a flag without one.</param>
/// <param name="Help">What it does.</param>
internal sealed record Option(string Name, char? Short, string? Value, string Help);
