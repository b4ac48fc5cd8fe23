using System.Text;

namespace Rundlet.Cli.Output;

/// <summary>Columns as docker's: each as wide as its widest cell and three spaces, at least ten; the last cell of a row ends it.</summary>
internal sealed class Table
{
    private const int Gap = 3, LeastWidth = 10;

    private readonly List<(string[] Cells, Func<int, string, string>? Paint)> _rows = [];
    private readonly List<int> _widths = [];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => Add(cells, null);

    /// <summary>Adds a row whose cells may have colours.</summary>
    /// <param name="cells">What they say.</param>
    /// <param name="paint">Gives the cell of a column its looks, which must not make it wider; null for none.</param>
    public void Add(string[] cells, Func<int, string, string>? paint)
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
        _rows.Add((cells, paint));
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
        foreach ((string[] row, Func<int, string, string>? paint) in _rows)
        {
            for (int column = 0; column < row.Length; column++)
            {
                text.Append(paint is null ? row[column] : paint(column, row[column]));
                text.Append(column == row.Length - 1 ? "\n" : new string(' ', _widths[column] - TextWidth.Of(row[column])));
            }
        }
        return text.ToString();
    }
}
