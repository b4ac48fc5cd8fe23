using System.Text;
using Rundlet.Cli.Output;

namespace Rundlet.Cli.Terminal;

/// <summary>
/// A text that changes in place on a terminal. The first frame clears the screen; each is one write that goes over the frame before, with
/// the cursor hidden only within it: nothing flickers, and whoever is killed leaves the terminal as it should be.
/// </summary>
/// <param name="write">Writes to the terminal.</param>
/// <param name="size">Its size now; it may change at any time.</param>
internal sealed class LiveText(Action<string> write, Func<(int Columns, int Rows)> size)
{
    private const string HideCursor = "\e[?25l", ShowCursor = "\e[?25h", Home = "\e[H", Clear = "\e[2J", ToEndOfLine = "\e[K", ToEndOfScreen = "\e[J";

    private bool _drawn;

    /// <summary>Shows a text: as much of it as fits.</summary>
    public void Show(string text)
    {
        (int columns, int rows) = size();
        string[] lines = text.TrimEnd('\n').Split('\n');
        StringBuilder frame = new(HideCursor + Home + (_drawn ? "" : Clear));
        _drawn = true;
        // The last row stays free for the cursor: a line end there would scroll.
        foreach (string line in lines.AsSpan(0, Math.Min(lines.Length, Math.Max(1, rows - 1))))
            frame.Append(TextWidth.Cut(line, columns)).Append(ToEndOfLine).Append("\r\n");
        write(frame.Append(ToEndOfScreen).Append(ShowCursor).ToString());
    }
}
