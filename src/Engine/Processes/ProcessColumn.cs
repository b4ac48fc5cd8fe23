namespace Rundlet.Engine.Processes;

/// <summary>A column of a table of processes.</summary>
/// <param name="Heading">Its heading.</param>
/// <param name="Value">What stands in it.</param>
public sealed record ProcessColumn(string Heading, Func<ProcessRow, string> Value);
