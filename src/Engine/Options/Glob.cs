namespace Rundlet.Engine.Options;

/// <summary>
/// Patterns as Go's <c>path.Match</c> has them, because docker's filters do: <c>*</c> and <c>?</c> stop at a slash, <c>[a-z]</c> and <c>[^a-z]</c>,
/// a backslash before what is meant literally.
/// </summary>
public static class Glob
{
    /// <summary>Whether the whole text is what a pattern says. A pattern whose bracket does not end matches nothing.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // Where to go on when what follows the last star does not fit: one character further. Only the last star can matter.
        int p = 0, t = 0, afterStar = -1, starText = 0;
        while (true)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (afterStar, starText) = (++p, t);
                continue;
            }
            if (t == text.Length && p == pattern.Length)
                return true;
            if (t < text.Length && p < pattern.Length && MatchesOne(pattern, ref p, text[t]))
            {
                t++;
                continue;
            }
            if (afterStar < 0 || starText == text.Length || text[starText] == '/')
                return false;
            (p, t) = (afterStar, ++starText);
        }
    }

    /// <summary>Whether a character is what stands at a place of a pattern; goes on behind it then.</summary>
    private static bool MatchesOne(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        switch (pattern[p])
        {
            case '?':
                p++;
                return c != '/';
            case '[':
                return MatchesSet(pattern, ref p, c);
            case '\\' when p + 1 < pattern.Length:
                p += 2;
                return pattern[p - 1] == c;
            default:
                return pattern[p++] == c;
        }
    }

    private static bool MatchesSet(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        int at = p + 1;
        bool isNegated = at < pattern.Length && pattern[at] == '^';
        if (isNegated)
            at++;
        bool isIn = false;
        for (int first = at; at < pattern.Length; at++)
        {
            if (pattern[at] == ']' && at > first)
            {
                p = at + 1;
                return isIn != isNegated;
            }
            char from = pattern[at] == '\\' && at + 1 < pattern.Length ? pattern[++at] : pattern[at], to = from;
            if (at + 2 < pattern.Length && pattern[at + 1] == '-' && pattern[at + 2] != ']')
            {
                at += 2;
                to = pattern[at] == '\\' && at + 1 < pattern.Length ? pattern[++at] : pattern[at];
            }
            isIn |= c >= from && c <= to;
        }
        return false;
    }
}
