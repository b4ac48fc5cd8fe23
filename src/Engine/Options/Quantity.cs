using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>Numbers with units as people write them.</summary>
public static class Quantity
{
    /// <summary>Reads a size such as <c>512m</c>, <c>1.5g</c>, <c>64MiB</c> or <c>4096</c> (bytes); units are powers of 1024.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static long ParseBytes(string text, string what)
    {
        ReadOnlySpan<char> number = text.AsSpan().Trim();
        number = Without(number, "ib");
        if (number.Length == text.Length)
            number = Without(number, "b");
        int shift = number.IsEmpty ? 0 : char.ToLowerInvariant(number[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, 'p' => 50, _ => 0 };
        if (shift > 0)
            number = number[..^1];
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{text}'") { Hint = "write a number and b, k, m, g or t, as in 512m" };
        if (value > long.MaxValue >> shift)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{text}': too large");
        return (long)(value * (1L << shift));
    }

    /// <summary>As <see cref="ParseBytes"/>, where -1 says "no limit".</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static long ParseBytesOrNone(string text, string what) => text == "-1" ? -1 : ParseBytes(text, what);

    /// <summary>Reads a number of CPUs such as <c>1.5</c>, as billionths.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static long ParseCpus(string text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal cpus) || cpus > 1_000_000)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid number of cpus '{text}'") { Hint = "write a number such as 2 or 0.5" };
        return (long)(cpus * 1_000_000_000);
    }

    private static ReadOnlySpan<char> Without(ReadOnlySpan<char> text, string end) =>
        text.EndsWith(end, StringComparison.OrdinalIgnoreCase) ? text[..^end.Length] : text;
}
