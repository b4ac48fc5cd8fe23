using Rundlet.Linux;

namespace Rundlet.Runcs.Commands;

/// <summary>Durations as Go writes them, which callers of runc send: <c>300ms</c>, <c>1.5s</c>, <c>1m30s</c>.</summary>
internal static class Duration
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Reads one, in milliseconds; one that is not zero is at least 1.</summary>
    /// <exception cref="ContainerException">It is none, negative, or longer than 24 days.</exception>
    public static int ParseMilliseconds(string text, string flag)
    {
        long total = 0; // nanoseconds
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty && text != "0")
        {
            int number = rest.IndexOfAnyExcept("0123456789.");
            ReadOnlySpan<char> behind = number <= 0 ? [] : rest[number..];
            int unit = behind.IndexOfAny("0123456789.");
            long factor = (unit < 0 ? behind : behind[..unit]) switch
            {
                "ns" => 1,
                "us" or "µs" => 1_000,
                "ms" => NanosecondsPerMillisecond,
                "s" => 1_000 * NanosecondsPerMillisecond,
                "m" => 60_000 * NanosecondsPerMillisecond,
                "h" => 3_600_000 * NanosecondsPerMillisecond,
                _ => 0,
            };
            if (factor == 0 || !Decimals.TryScale(rest[..number], factor, out long value) || value > int.MaxValue * NanosecondsPerMillisecond - total)
                throw Invalid(text, flag);
            total += value;
            rest = unit < 0 ? default : behind[unit..];
        }
        if (text.Length == 0)
            throw Invalid(text, flag);
        return total > 0 ? Math.Max(1, (int)(total / NanosecondsPerMillisecond)) : 0;
    }

    private static ContainerException Invalid(string text, string flag) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid value for --{flag}: '{text}' is not a duration like 5s");
}
