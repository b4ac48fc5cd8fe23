using System.Text;

namespace Rundlet.Cli.Output;

/// <summary>Columns as docker's: three spaces between them, each as wide as its widest cell.</summary>
internal sealed class Table(params string[] headings)
{
    private const int Gap = 3;
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row with a cell for each heading.</summary>
    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, headings.Length);
        _rows.Add(cells);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        int[] widths = [.. headings.Select((heading, column) => _rows.Select(row => row[column].Length).Append(heading.Length).Max())];
        StringBuilder text = new();
        foreach (string[] row in _rows.Prepend(headings))
        {
            for (int column = 0; column < row.Length - 1; column++)
                text.Append(row[column]).Append(' ', widths[column] - row[column].Length + Gap);
            text.Append(row[^1]).Append('\n');
        }
        return text.ToString();
    }
}
