using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>Lists of processors or memory nodes, as in <c>0-3,7</c>.</summary>
internal static class CpuSet
{
    private const int Highest = 8191; // CPU_SETSIZE of the kernel's largest configuration

    /// <summary>Refuses what is no such list, or names one that the machine has not.</summary>
    /// <param name="list">The list.</param>
    /// <param name="what">What it lists, for the message.</param>
    /// <param name="available">The machine's own list; null where it is not known.</param>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Validate(string list, string what, string? available)
    {
        HashSet<int> wanted = Parse(list) ?? throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{list}'") { Hint = "write numbers and ranges, as in 0-3,7" };
        if (available is null || Parse(available) is not { } known)
            return;
        if (!wanted.IsSubsetOf(known))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{what} '{list}': this machine has {available}");
    }

    private static HashSet<int>? Parse(string list)
    {
        HashSet<int> numbers = [];
        foreach (string range in list.Trim().Split(','))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last) || last < first)
                return null;
            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }
        return numbers;
    }

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Highest;
}
