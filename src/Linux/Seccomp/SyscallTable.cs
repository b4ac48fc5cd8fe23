namespace Rundlet.Linux.Seccomp;

/// <summary>Numbers of system calls by name, for each architecture that a filter can be made for.</summary>
internal static partial class SyscallTable
{
    /// <summary>How many numbers a row has: one for each <see cref="SeccompArchitecture"/>.</summary>
    public const int Columns = 5;

    /// <summary>Looks a name up.</summary>
    /// <param name="name">As in the kernel's headers, without <c>__NR_</c>.</param>
    /// <param name="numbers">Gets a number for each architecture; -1 where it has none.</param>
    /// <returns>Whether the name is known.</returns>
    public static bool TryFind(ReadOnlySpan<char> name, Span<int> numbers)
    {
        ReadOnlySpan<byte> rows = Rows;
        int low = 0, high = rows.Length;
        while (low < high)
        {
            // The line that holds the middle; both bounds are always starts of lines, or the end.
            int start = rows[low..((low + high) / 2)].LastIndexOf((byte)'\n') + low + 1;
            int length = rows[start..].IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = length < 0 ? rows[start..] : rows.Slice(start, length);
            int order = Compare(name, line);
            if (order == 0)
            {
                ReadNumbers(line[(name.Length + 1)..], numbers);
                return true;
            }
            if (order < 0)
                high = start;
            else
                low = start + line.Length + 1;
        }
        return false;
    }

    /// <summary>Every name in the table, in order.</summary>
    public static IEnumerable<string> Names()
    {
        for (int start = 0; start < Rows.Length;)
        {
            int space = Rows[start..].IndexOf((byte)' ');
            yield return System.Text.Encoding.ASCII.GetString(Rows.Slice(start, space));
            int end = Rows[start..].IndexOf((byte)'\n');
            start = end < 0 ? Rows.Length : start + end + 1;
        }
    }

    /// <summary>Compares a name with the first word of a line.</summary>
    private static int Compare(ReadOnlySpan<char> name, ReadOnlySpan<byte> line)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] != line[i])
                return line[i] == ' ' ? 1 : name[i] - line[i];
        }
        return line[name.Length] == ' ' ? 0 : -1;
    }

    private static void ReadNumbers(ReadOnlySpan<byte> text, Span<int> numbers)
    {
        int at = 0;
        for (int column = 0; column < Columns; column++, at++)
        {
            int number = 0;
            bool none = text[at] == '-';
            for (; at < text.Length && text[at] != ' '; at++)
                number = number * 10 + text[at] - '0';
            numbers[column] = none ? -1 : number;
        }
    }
}
