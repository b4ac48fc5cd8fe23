using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>How much may come in and go out by an interface, in bits a second: null where nothing is said, 0 for no bound.</summary>
/// <param name="In">The most that comes in.</param>
/// <param name="Out">The most that goes out.</param>
public readonly record struct NetworkRate(ulong? In, ulong? Out)
{
    private const decimal Least = 1000, Most = 10_000_000_000_000;
    private const int BitsOfByte = 8;

    /// <summary>Reads <c>RATE</c>, for both ways, or <c>in=RATE,out=RATE</c>, or one of them.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static NetworkRate Parse(string text)
    {
        if (!text.Contains('='))
            return new NetworkRate(ParseOne(text), ParseOne(text));
        NetworkRate rate = default;
        foreach (string field in text.Split(','))
        {
            string[] words = field.Split('=', 2, StringSplitOptions.TrimEntries);
            rate = (words[0].ToLowerInvariant(), words.Length) switch
            {
                ("in", 2) when rate.In is null => rate with { In = ParseOne(words[1]) },
                ("out", 2) when rate.Out is null => rate with { Out = ParseOne(words[1]) },
                _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid rate '{text}'") { Hint = "write a rate for both ways, or in=RATE,out=RATE" },
            };
        }
        return rate;
    }

    /// <summary>Reads a rate as tc(8) has it: <c>10mbit</c>, <c>1.5gibit</c>, <c>800kbps</c> (bytes) or <c>4000000</c> (bits); 0 for no bound.</summary>
    /// <returns>Bits a second.</returns>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static ulong ParseOne(string text)
    {
        ReadOnlySpan<char> number = text.AsSpan().Trim();
        int end = number.LastIndexOfAnyInRange('0', '9') + 1;
        decimal unit = UnitOf(number[end..].Trim().ToString().ToLowerInvariant());
        if (unit == 0 || !decimal.TryParse(number[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid rate '{text}'") { Hint = "write a number and bit, kbit, mbit, gbit, or bps, kbps, mbps, gbps for bytes, as in 10mbit" };
        if (value == 0)
            return 0;
        return value <= Most && value * unit is >= Least and <= Most and var bits
            ? (ulong)bits
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid rate '{text}': the least is 1kbit, the most 10tbit");
    }

    // Bits of one; 0 where there is no such unit.
    private static decimal UnitOf(string unit)
    {
        string rest = unit.EndsWith("bit", StringComparison.Ordinal) || unit.EndsWith("bps", StringComparison.Ordinal) ? unit[..^3] : unit;
        decimal factor = rest switch
        {
            "" => 1,
            "k" => 1e3m,
            "m" => 1e6m,
            "g" => 1e9m,
            "t" => 1e12m,
            "ki" => 1L << 10,
            "mi" => 1L << 20,
            "gi" => 1L << 30,
            "ti" => 1L << 40,
            _ => 0,
        };
        if (rest.Length == unit.Length)
            return rest.Length == 0 ? 1 : 0;
        return unit.EndsWith("bps", StringComparison.Ordinal) ? factor * BitsOfByte : factor;
    }
}
