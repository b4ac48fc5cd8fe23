using System.Globalization;
using System.Text;
using Rundlet.Cli.Output;

namespace Rundlet.Cli.Tests.Terminal;

/// <summary>What a terminal shows, for the few sequences that our programs send; any other fails the test.</summary>
internal sealed class TerminalPicture(int columns, int rows)
{
    private string[][] _cells = Empty(columns, rows);
    private readonly List<byte> _pending = [];
    private int _columns = columns;
    private int _rows = rows;
    private int _row;
    private int _column;

    /// <summary>Whether the alternate screen is shown.</summary>
    public bool IsAlternate { get; private set; }

    /// <summary>Whether there is a cursor.</summary>
    public bool HasCursor { get; private set; } = true;

    /// <summary>Whether lines wrap.</summary>
    public bool Wraps { get; private set; } = true;

    /// <summary>Sequences for colour and the like that came.</summary>
    public HashSet<string> Styles { get; } = [];

    /// <summary>The lines, without blanks at their ends.</summary>
    public string[] Lines => [.. _cells.Select(row => string.Concat(row).TrimEnd())];

    /// <summary>Gives it another size; what it shows is lost.</summary>
    public void Resize(int columns, int rows)
    {
        (_columns, _rows, _cells) = (columns, rows, Empty(columns, rows));
        (_row, _column) = (0, 0);
    }

    /// <summary>Takes output, cut anywhere.</summary>
    public void Feed(ReadOnlySpan<byte> output)
    {
        _pending.AddRange(output);
        byte[] bytes = [.. _pending];
        int at = 0;
        while (at < bytes.Length && Next(bytes.AsSpan(at)) is > 0 and int used)
            at += used;
        _pending.RemoveRange(0, at);
    }

    private int Next(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] == 0x1B)
            return Sequence(bytes);
        if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) == System.Buffers.OperationStatus.NeedMoreData)
            return 0;
        if (rune.Value == '\r')
            _column = 0;
        else if (rune.Value == '\n')
            _row = Math.Min(_row + 1, _rows - 1);
        else if (rune.Value < ' ')
            throw new InvalidDataException($"control character {rune.Value:x}");
        else
            Put(rune);
        return used;
    }

    private void Put(Rune rune)
    {
        int width = TextWidth.Of(rune);
        if (width == 0)
        {
            _cells[_row][Math.Max(0, _column - 1)] += rune.ToString();
            return;
        }
        if (_column + width > _columns)
        {
            if (Wraps)
                throw new InvalidDataException("a line is longer than the terminal");
            return;
        }
        _cells[_row][_column] = rune.ToString();
        if (width == 2)
            _cells[_row][_column + 1] = "";
        _column += width;
    }

    private int Sequence(ReadOnlySpan<byte> bytes)
    {
        int end = 2;
        while (end < bytes.Length && bytes[end] is >= 0x20 and < 0x40)
            end++;
        if (end >= bytes.Length)
            return 0;
        string sequence = Encoding.ASCII.GetString(bytes[1..(end + 1)]);
        switch (sequence)
        {
            case "[?1049h" or "[?1049l":
                IsAlternate = sequence[^1] == 'h';
                break;
            case "[?25h" or "[?25l":
                HasCursor = sequence[^1] == 'h';
                break;
            case "[?7h" or "[?7l":
                Wraps = sequence[^1] == 'h';
                break;
            case "[2J":
                _cells = Empty(_columns, _rows);
                break;
            case "[K":
                _cells[_row].AsSpan(_column).Fill(" ");
                break;
            case "[J":
                _cells[_row].AsSpan(_column).Fill(" ");
                for (int row = _row + 1; row < _rows; row++)
                    _cells[row].AsSpan().Fill(" ");
                break;
            case "[H":
                (_row, _column) = (0, 0);
                break;
            case var move when move[^1] == 'H':
                int row1 = int.Parse(move.AsSpan(1, move.Length - 2), CultureInfo.InvariantCulture);
                (_row, _column) = (Math.Min(row1, _rows) - 1, 0);
                break;
            case var style when style[^1] == 'm':
                Styles.Add(style);
                break;
            default:
                throw new InvalidDataException($"unknown sequence {sequence}");
        }
        return end + 1;
    }

    private static string[][] Empty(int columns, int rows) => [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Repeat(" ", columns).ToArray())];
}
