using Rundlet.Cli.Terminal;

namespace Rundlet.Cli.Output;

/// <summary>What a listing knows of an item.</summary>
/// <param name="Name">The member of that name in templates and JSON; docker's.</param>
/// <param name="Heading">The heading in tables.</param>
/// <param name="Value">What it says about an item.</param>
internal sealed record Column<T>(string Name, string Heading, Func<T, string> Value)
{
    /// <summary>How a cell of it looks in a table on a terminal; null for as any other.</summary>
    public Func<T, Style, string, string>? Paint { get; init; }
}
