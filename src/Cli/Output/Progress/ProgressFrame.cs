using System.Text;

namespace Rundlet.Cli.Output.Progress;

/// <summary>Lines that show all parts of a work, for a terminal of some size.</summary>
internal static class ProgressFrame
{
    private const int WidestBar = 50, NarrowestBar = 10;

    // Room for "12.3GB/45.6GB": a bar must not change its width with the digits beside it.
    private const int SizesWidth = 13;

    /// <summary>The lines: each narrower than the terminal, all together lower.</summary>
    /// <param name="parts">The parts, in order.</param>
    /// <param name="columns">Width of the terminal.</param>
    /// <param name="rows">Its height.</param>
    public static List<string> Of(IReadOnlyList<ProgressEvent> parts, int columns, int rows)
    {
        int room = Math.Max(1, rows - 1);
        List<string> lines = [];
        IEnumerable<ProgressEvent> shown = parts;
        if (parts.Count > room)
        {
            // What is finished, and then what has not begun, must make place for what happens.
            int done = parts.Count(part => part.IsFinal);
            lines.Add(Cut($"{done} of {parts.Count} done", columns));
            shown = parts.Where(part => !part.IsFinal).OrderBy(part => part.Total == 0).Take(room - 1);
        }
        lines.AddRange(shown.Select(part => LineOf(part, columns)));
        return lines;
    }

    private static string LineOf(ProgressEvent part, int columns)
    {
        string text = $"{part.Id}: {part.State}";
        if (part.IsFinal || (part.Total <= 0 && part.Done <= 0))
            return Cut(text, columns);
        if (part.Total <= 0)
            return Cut($"{text} {Human.Decimal((ulong)part.Done)}", columns);
        string sizes = $"{Human.Decimal((ulong)Math.Max(0, part.Done))}/{Human.Decimal((ulong)part.Total)}";
        // One column stays free: a character in the last one makes some terminals begin a new line.
        int bar = Math.Min(WidestBar, columns - 1 - text.Length - SizesWidth - " [] ".Length - " ".Length);
        return Cut(bar >= NarrowestBar ? $"{text} [{Bar(part, bar)}]  {sizes}" : $"{text} {sizes}", columns);
    }

    private static string Bar(ProgressEvent part, int width)
    {
        int filled = (int)(Math.Clamp((double)part.Done / part.Total, 0, 1) * width);
        StringBuilder bar = new();
        bar.Append('=', filled);
        if (filled < width)
            bar.Append('>').Append(' ', width - filled - 1);
        return bar.ToString();
    }

    private static string Cut(string line, int columns) => line.Length < columns ? line : line[..Math.Max(1, columns - 1)];
}
