using System.Globalization;
using System.Text;

namespace Rundlet.Linux.Seccomp;

/// <summary>Numbers of system calls by name, for each architecture that a filter can be made for.</summary>
internal static partial class SyscallTable
{
    /// <summary>How many numbers a row has: one for each <see cref="SeccompArchitecture"/>.</summary>
    public const int Columns = 5;

    private const int IndexBits = 10;

    /// <summary>Looks a name up: one hash, and mostly one comparison.</summary>
    /// <param name="name">As in the kernel's headers, without <c>__NR_</c>.</param>
    /// <param name="numbers">Gets a number for each architecture; -1 where it has none.</param>
    /// <returns>Whether the name is known.</returns>
    public static bool TryFind(ReadOnlySpan<char> name, Span<int> numbers)
    {
        ReadOnlySpan<ushort> index = Index;
        ReadOnlySpan<byte> rows = Rows;
        for (uint slot = SlotOf(name); index[(int)slot] != 0; slot = NextSlot(slot))
        {
            ReadOnlySpan<byte> line = rows[(index[(int)slot] - 1)..];
            if (!IsNameOf(line, name))
                continue;
            ReadNumbers(line[(name.Length + 1)..], numbers);
            return true;
        }
        return false;
    }

    /// <summary>The highest number that the table has for an architecture, without those that ARM keeps for itself.</summary>
    public static int LastOf(SeccompArchitecture architecture) => architecture == SeccompArchitecture.X32 ? 547 : 470;

    /// <summary>Every name in the table, in order.</summary>
    public static IEnumerable<string> Names()
    {
        foreach (int start in Starts())
            yield return NameAt(start);
    }

    /// <summary>What the index has to be.</summary>
    internal static ushort[] ExpectedIndex()
    {
        ushort[] index = new ushort[1 << IndexBits];
        foreach (int start in Starts())
        {
            uint slot = SlotOf(NameAt(start));
            while (index[slot] != 0)
                slot = NextSlot(slot);
            index[slot] = checked((ushort)(start + 1));
        }
        return index;
    }

    /// <summary>The index as it is written in the source.</summary>
    internal static string IndexText(ReadOnlySpan<ushort> index)
    {
        const int Width = 140;
        StringBuilder text = new(), line = new();
        foreach (ushort one in index)
        {
            string word = string.Create(CultureInfo.InvariantCulture, $"{one}, ");
            if (line.Length + word.Length > Width)
            {
                text.Append("        ").Append(line.ToString().TrimEnd()).Append('\n');
                line.Clear();
            }
            line.Append(word);
        }
        return text.Append("        ").Append(line.ToString().TrimEnd()).Append('\n').ToString();
    }

    /// <summary>The index as it is.</summary>
    internal static ushort[] ActualIndex() => Index.ToArray();

    private static string NameAt(int start) => Encoding.ASCII.GetString(Rows.Slice(start, Rows[start..].IndexOf((byte)' ')));

    private static List<int> Starts()
    {
        ReadOnlySpan<byte> rows = Rows;
        List<int> starts = [0];
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] == '\n')
                starts.Add(i + 1);
        }
        return starts;
    }

    private static uint SlotOf(ReadOnlySpan<char> name)
    {
        uint hash = 0;
        foreach (char one in name)
            hash = hash * 139 + one; // the multiplier under which these names collide least
        return hash * 0x9E37_79B1 >> (32 - IndexBits);
    }

    private static uint NextSlot(uint slot) => slot + 1 & (1u << IndexBits) - 1;

    /// <summary>Whether the first word of a line is a name.</summary>
    private static bool IsNameOf(ReadOnlySpan<byte> line, ReadOnlySpan<char> name)
    {
        if (line.Length <= name.Length || line[name.Length] != ' ')
            return false;
        for (int i = 0; i < name.Length; i++)
        {
            // No name has a space: "read 0" would be the start of a line too.
            if (name[i] != line[i] || name[i] == ' ')
                return false;
        }
        return true;
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
