using Rundlet.Linux;

namespace Rundlet.Runtime.Planning;

/// <summary>Lists of processors or memory nodes, as cpuset(7) writes them (<c>0-3,7</c>), and as the bits that system calls take.</summary>
internal static class NumberSet
{
    /// <summary>The most numbers that a list may go to: the largest set that kernels are built for is 8192.</summary>
    public const int Limit = 8192;

    /// <summary>The bits of a list, in whole words of eight bytes; empty for an empty list.</summary>
    /// <param name="text">The list.</param>
    /// <param name="member">The member of the spec, for the error.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is malformed, or a number is too large.</exception>
    public static byte[] Parse(string text, string member)
    {
        byte[] bits = [];
        if (text.AsSpan().Trim().IsEmpty)
            return bits;
        foreach (string part in text.Split(','))
        {
            ReadOnlySpan<char> range = part.AsSpan().Trim();
            int dash = range.IndexOf('-');
            int first = NumberOf(dash < 0 ? range : range[..dash], text, member);
            int last = dash < 0 ? first : NumberOf(range[(dash + 1)..], text, member);
            if (last < first)
                throw Malformed(text, member);
            if (last / 64 * 8 + 8 > bits.Length)
                Array.Resize(ref bits, last / 64 * 8 + 8);
            for (int number = first; number <= last; number++)
                bits[number / 8] |= (byte)(1 << number % 8);
        }
        return bits;
    }

    private static int NumberOf(ReadOnlySpan<char> digits, string text, string member) =>
        int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) && number < Limit
            ? number
            : throw Malformed(text, member);

    private static ContainerException Malformed(string text, string member) =>
        new(ContainerErrorKind.InvalidArgument, $"{member} must be a list such as 0-3,7 with numbers below {Limit}, not '{text}'");
}
