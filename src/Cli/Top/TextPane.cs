using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;

namespace Rundlet.Cli.Top;

/// <summary>Lines over the whole screen, to be scrolled through.</summary>
internal sealed class TextPane
{
    private const int SideStep = 16;

    private readonly string _title;
    private readonly Func<IReadOnlyList<string>> _lines;
    private readonly bool _follows;
    private int _first;
    private int _left;
    private int _room = 1;
    private bool _atEnd;

    /// <summary>Makes one.</summary>
    /// <param name="title">What the lines are.</param>
    /// <param name="lines">The lines, as many as there are now; without control characters.</param>
    /// <param name="follows">Whether it begins at the end and stays there as lines are added.</param>
    public TextPane(string title, Func<IReadOnlyList<string>> lines, bool follows)
    {
        _title = title;
        _lines = lines;
        _follows = follows;
        _atEnd = follows;
    }

    /// <summary>Takes a key.</summary>
    /// <returns>Whether it was one that closes the pane.</returns>
    public bool Press(Key key)
    {
        switch (key)
        {
            case { Kind: KeyKind.Escape } or { Kind: KeyKind.Character, Character.Value: 'q' }:
                return true;
            case { Kind: KeyKind.Up } or { Kind: KeyKind.Character, Character.Value: 'k' }:
                Scroll(-1);
                break;
            case { Kind: KeyKind.Down or KeyKind.Enter } or { Kind: KeyKind.Character, Character.Value: 'j' }:
                Scroll(1);
                break;
            case { Kind: KeyKind.PageUp }:
                Scroll(-_room);
                break;
            case { Kind: KeyKind.PageDown } or { Kind: KeyKind.Character, Character.Value: ' ' }:
                Scroll(_room);
                break;
            case { Kind: KeyKind.Home } or { Kind: KeyKind.Character, Character.Value: 'g' }:
                Scroll(int.MinValue / 2);
                break;
            case { Kind: KeyKind.End } or { Kind: KeyKind.Character, Character.Value: 'G' }:
                Scroll(int.MaxValue / 2);
                break;
            case { Kind: KeyKind.Left }:
                _left = Math.Max(0, _left - SideStep);
                break;
            case { Kind: KeyKind.Right }:
                _left += SideStep;
                break;
        }
        return false;
    }

    /// <summary>Title, lines and a line of help.</summary>
    public List<string> Draw(int columns, int rows, Style style)
    {
        IReadOnlyList<string> all = _lines();
        _room = Math.Max(1, rows - 2);
        int last = Math.Max(0, all.Count - _room);
        _first = _atEnd ? last : Math.Clamp(_first, 0, last);
        List<string> drawn = [style.Reverse(TextWidth.Fit(_title, columns))];
        for (int i = _first; i < Math.Min(all.Count, _first + _room); i++)
            drawn.Add(TextWidth.Cut(_left < all[i].Length ? all[i][_left..] : "", columns));
        while (drawn.Count < rows - 1)
            drawn.Add("");
        string place = all.Count == 0 ? "nothing yet" : $"{_first + 1}-{Math.Min(all.Count, _first + _room)} of {all.Count}";
        drawn.Add(TextWidth.Cut($"{place}{(_follows && _atEnd ? ", following" : "")}   q back  ↑↓ PgUp PgDn Home End  ←→", columns));
        return drawn;
    }

    private void Scroll(int step)
    {
        int last = Math.Max(0, _lines().Count - _room);
        _first = (int)Math.Clamp((long)_first + step, 0, last);
        _atEnd = _follows && _first == last;
    }
}
