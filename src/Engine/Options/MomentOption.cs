using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>
/// A moment as docker's filters take it: how long ago (<c>10m</c>, <c>1h30m</c>), a date with or without time and zone (RFC 3339), or seconds since 1970.
/// </summary>
public static class MomentOption
{
    /// <summary>Reads it.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="now">What a span is counted back from.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is none of these.</exception>
    public static DateTimeOffset Parse(string text, DateTimeOffset now)
    {
        if (TryParseSpan(text) is { } span)
            return now - span;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds < 253_402_300_800)
            return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        if (text.Length >= 10 && text[4] == '-' && DateTimeOffset.TryParse(WithoutNanoseconds(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset moment))
            return moment;
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid moment '{text}'") { Hint = "write how long ago, as in 10m or 24h, or a date, as in 2024-05-01T12:00:00" };
    }

    // .NET would round what is finer than it knows, perhaps to a moment after the one that was meant.
    private static string WithoutNanoseconds(string text)
    {
        const int Known = 7;
        int dot = text.IndexOf('.');
        int end = dot + 1;
        while (dot >= 0 && end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return dot >= 0 && end - dot - 1 > Known ? text.Remove(dot + 1 + Known, end - dot - 1 - Known) : text;
    }

    /// <summary>Reads a span of time as docker writes them: numbers with units, the largest first by habit only. Null where it is none.</summary>
    public static TimeSpan? TryParseSpan(string text)
    {
        double seconds = 0;
        int at = 0;
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
                at++;
            if (!double.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
                return null;
            start = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
                at++;
            double unit = text[start..at] switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, _ => 0 };
            if (unit == 0)
                return null;
            seconds += number * unit;
        }
        return text.Length > 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 4 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
