using System.Globalization;
using System.Text;

namespace Rundlet.Cli.Output;

/// <summary>How many columns of a terminal a text takes: two for what is written in squares, none for marks on the character before.</summary>
internal static partial class TextWidth
{
    private const char Ellipsis = '…';

    /// <summary>Of a text without control characters.</summary>
    public static int Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text.Length;
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
            width += Of(rune);
        return width;
    }

    /// <summary>Of one character.</summary>
    public static int Of(Rune rune)
    {
        int value = rune.Value;
        if (value < 0x300)
            return 1;
        if (value is >= 0x1160 and <= 0x11FF || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0; // the later letters of a Korean syllable stand in the square of the first
        int low = 0, high = s_wide.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (value < s_wide[middle].First)
                high = middle - 1;
            else if (value > s_wide[middle].Last)
                low = middle + 1;
            else
                return 2;
        }
        return 1;
    }

    /// <summary>A text that takes at most so many columns; with an ellipsis where it took more.</summary>
    public static string Cut(string text, int columns)
    {
        if (Of(text) <= columns)
            return text;
        StringBuilder cut = new();
        int width = 1;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if ((width += Of(rune)) > columns)
                break;
            cut.Append(rune.ToString());
        }
        return columns < 1 ? "" : cut.Append(Ellipsis).ToString();
    }

    /// <summary>A text in just so many columns: cut, or filled with blanks at its end or, for numbers, its beginning.</summary>
    public static string Fit(string text, int columns, bool right = false)
    {
        string cut = Cut(text, columns);
        string blanks = new(' ', Math.Max(0, columns - Of(cut)));
        return right ? blanks + cut : cut + blanks;
    }
}
