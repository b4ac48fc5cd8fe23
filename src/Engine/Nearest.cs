namespace Rundlet.Engine;

/// <summary>What somebody may have meant.</summary>
public static class Nearest
{
    private const int LongestWord = 64;

    /// <summary>The candidate that differs least from a word; null where all differ by more than a third of its letters.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LongestWord)
            return null;
        string? nearest = null;
        int least = Math.Max(1, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int distance = candidate.Length > LongestWord ? int.MaxValue : Distance(word, candidate);
            if (distance < least)
                (least, nearest) = (distance, candidate);
        }
        return nearest;
    }

    // Letters to put in, take out, change or swap with their neighbour: the restricted Damerau-Levenshtein distance.
    private static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        Span<int> beforeLast = stackalloc int[LongestWord + 1];
        Span<int> last = stackalloc int[LongestWord + 1];
        Span<int> row = stackalloc int[LongestWord + 1];
        for (int j = 0; j <= b.Length; j++)
            last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
            last.CopyTo(beforeLast);
            row.CopyTo(last);
        }
        return last[b.Length];
    }
}
