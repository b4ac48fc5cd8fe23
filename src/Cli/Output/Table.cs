using System.Text;

namespace Rundlet.Cli.Output;

/// <summary>Columns as docker's: each as wide as its widest cell and three spaces, at least ten; the last cell of a row ends it.</summary>
internal sealed class Table
{
    private const int Gap = 3, LeastWidth = 10;

    private readonly List<string[]> _rows = [];
    private readonly List<int> _widths = [];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells)
    {
        for (int column = 0; column < cells.Length; column++)
        {
            cells[column] = Human.Printable(cells[column]);
            if (column == cells.Length - 1)
                continue;
            if (column == _widths.Count)
                _widths.Add(LeastWidth);
            _widths[column] = Math.Max(_widths[column], TextWidth.Of(cells[column]) + Gap);
        }
        _rows.Add(cells);
    }

    /// <summary>Adds a row for each line of a text; a tab ends a cell.</summary>
    public void AddLines(string text)
    {
        foreach (string line in text.Split('\n'))
            Add(line.Split('\t'));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (string[] row in _rows)
        {
            for (int column = 0; column < row.Length - 1; column++)
                text.Append(row[column]).Append(' ', _widths[column] - TextWidth.Of(row[column]));
            text.Append(row[^1]).Append('\n');
        }
        return text.ToString();
    }
}
