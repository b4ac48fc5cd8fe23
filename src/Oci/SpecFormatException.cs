namespace Rundlet.Oci;

/// <summary>An OCI document that is not JSON, or whose JSON is not of the form its specification gives.</summary>
/// <remarks>
/// The message names the place, what was expected and what was found:
/// <c>'linux.resources.memory.limit': expected a whole number from …, found 1e3 (line 12, column 30)</c>.
/// Text taken from the document is shortened and holds no control characters, so the message is safe on a terminal and in a log.
/// </remarks>
public sealed class SpecFormatException : Exception
{
    internal SpecFormatException(string problem, JsonPlace place)
        : base((place.Path.Length == 0 ? problem : $"'{place.Path}': {problem}")
            + (place.Line == 0 ? "" : $" (line {place.Line}, column {place.Column})"))
    {
        Path = place.Path;
        Problem = problem;
        Line = place.Line;
        Column = place.Column;
    }

    /// <summary>Where in the document: member names joined by dots, <c>mounts[2].options[0]</c>; empty for the document itself.</summary>
    public string Path { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>Line in the text, from 1; 0 when the mistake is not at one line.</summary>
    public int Line { get; }

    /// <summary>Column in the line in Unicode characters, from 1; 0 with <see cref="Line"/>.</summary>
    public int Column { get; }
}
