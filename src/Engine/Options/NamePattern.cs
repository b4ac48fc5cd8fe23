namespace Rundlet.Engine.Options;

/// <summary>
/// What docker's filter <c>name</c> takes: a regular expression that may fit anywhere in the text. Of its language <c>^ $ . * + ?</c>, sets in
/// brackets, a backslash before what is meant literally, and <c>|</c> between whole alternatives; without groups. All ways to fit are followed at
/// once, so that no pattern takes longer than its length times that of the text.
/// </summary>
public static class NamePattern
{
    /// <summary>Whether a text holds what the pattern describes.</summary>
    public static bool Matches(string pattern, string text)
    {
        int start = 0;
        while (true)
        {
            int end = start;
            while (end < pattern.Length && pattern[end] != '|')
                end += LengthOfOne(pattern.AsSpan(end));
            end = Math.Min(end, pattern.Length);
            if (MatchesAlternative(pattern[start..end], text))
                return true;
            if (end == pattern.Length)
                return false;
            start = end + 1;
        }
    }

    private static bool MatchesAlternative(string pattern, string text)
    {
        bool fromStart = pattern.StartsWith('^'), toEnd = pattern.EndsWith('$') && !pattern.EndsWith("\\$", StringComparison.Ordinal);
        List<(string One, bool Repeats, bool MayLack)> steps = Steps(pattern[(fromStart ? 1 : 0)..^(toEnd ? 1 : 0)]);
        // Where in the steps one may be after the characters so far; behind the last one is the end.
        bool[] now = new bool[steps.Count + 1];
        Enter(steps, now, 0);
        for (int i = 0; i < text.Length; i++)
        {
            if (now[^1] && !toEnd)
                return true;
            bool[] next = new bool[now.Length];
            for (int at = 0; at < steps.Count; at++)
            {
                if (now[at] && IsOne(steps[at].One, text[i]))
                    Enter(steps, next, steps[at].Repeats ? at : at + 1);
            }
            if (!fromStart)
                Enter(steps, next, 0);
            now = next;
        }
        return now[^1];
    }

    private static void Enter(List<(string One, bool Repeats, bool MayLack)> steps, bool[] places, int at)
    {
        for (; ; at++)
        {
            places[at] = true;
            if (at == steps.Count || !steps[at].MayLack)
                return;
        }
    }

    // 'a+' is 'aa*'.
    private static List<(string One, bool Repeats, bool MayLack)> Steps(string pattern)
    {
        List<(string, bool, bool)> steps = [];
        for (int at = 0; at < pattern.Length;)
        {
            int length = LengthOfOne(pattern.AsSpan(at));
            string one = pattern.Substring(at, Math.Min(length, pattern.Length - at));
            at += length;
            char count = at < pattern.Length ? pattern[at] : '\0';
            if (count is '*' or '+' or '?')
                at++;
            if (count is not ('*' or '?'))
                steps.Add((one, false, false));
            if (count is '*' or '+' or '?')
                steps.Add((one, count != '?', true));
        }
        return steps;
    }

    // A character, an escaped one, or a set up to its bracket; a set that does not end is a bracket meant literally.
    private static int LengthOfOne(ReadOnlySpan<char> pattern)
    {
        if (pattern[0] == '\\')
            return 2;
        if (pattern[0] != '[')
            return 1;
        int close = pattern.Length > 2 ? pattern[2..].IndexOf(']') : -1;
        return close < 0 ? 1 : close + 3;
    }

    private static bool IsOne(string one, char c) => one switch
    {
        "." => true,
        ['\\', var literal] => c == literal,
        ['[', '^', .. var set, ']'] => !IsIn(set, c),
        ['[', .. var set, ']'] => IsIn(set, c),
        _ => one[0] == c,
    };

    private static bool IsIn(string set, char c)
    {
        for (int i = 0; i < set.Length; i++)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            if (isRange ? c >= set[i] && c <= set[i + 2] : c == set[i])
                return true;
            if (isRange)
                i += 2;
        }
        return false;
    }
}
