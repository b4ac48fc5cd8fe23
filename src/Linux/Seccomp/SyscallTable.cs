using System.Text;

namespace Rundlet.Linux.Seccomp;

/// <summary>Numbers of system calls by name, for each architecture that a filter can be made for.</summary>
internal static partial class SyscallTable
{
    /// <summary>How many numbers a row has: one for each <see cref="SeccompArchitecture"/>.</summary>
    public const int Columns = 5;

    private static ushort[]? s_starts;

    /// <summary>Looks a name up.</summary>
    /// <param name="name">As in the kernel's headers, without <c>__NR_</c>.</param>
    /// <param name="numbers">Gets a number for each architecture; -1 where it has none.</param>
    /// <returns>Whether the name is known.</returns>
    public static bool TryFind(ReadOnlySpan<char> name, Span<int> numbers)
    {
        ushort[] starts = s_starts ??= FindStarts();
        int low = 0, high = starts.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            ReadOnlySpan<byte> line = Rows[starts[middle]..];
            int order = Compare(name, line);
            if (order == 0)
            {
                ReadNumbers(line[(name.Length + 1)..], numbers);
                return true;
            }
            if (order < 0)
                high = middle;
            else
                low = middle + 1;
        }
        return false;
    }

    /// <summary>Every name in the table, in order.</summary>
    public static IEnumerable<string> Names()
    {
        foreach (ushort start in FindStarts())
            yield return Encoding.ASCII.GetString(Rows.Slice(start, Rows[start..].IndexOf((byte)' ')));
    }

    /// <summary>Where each line starts. Found once, in a few microseconds; every search then is a binary one.</summary>
    private static ushort[] FindStarts()
    {
        ReadOnlySpan<byte> rows = Rows;
        ushort[] starts = new ushort[rows.Count((byte)'\n') + 1];
        for (int i = 1; i < starts.Length; i++)
            starts[i] = (ushort)(starts[i - 1] + rows[starts[i - 1]..].IndexOf((byte)'\n') + 1);
        return starts;
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
            for (; at < text.Length && text[at] is not ((byte)' ' or (byte)'\n'); at++)
                number = number * 10 + text[at] - '0';
            numbers[column] = none ? -1 : number;
        }
    }
}
