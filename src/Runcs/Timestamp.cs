namespace Rundlet.Runcs;

/// <summary>RFC 3339 in UTC with nanoseconds, as runc prints times.</summary>
internal static class Timestamp
{
    /// <summary>The text, such as <c>2026-01-02T03:04:05.678901200Z</c>.</summary>
    /// <remarks>By hand: the formatter of the library brings time zones and cultures along, 100 KB of them.</remarks>
    public static string Of(DateTimeOffset time)
    {
        DateTime utc = time.UtcDateTime;
        long nanoseconds = utc.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
        return $"{Padded(utc.Year, 4)}-{Padded(utc.Month, 2)}-{Padded(utc.Day, 2)}T{Padded(utc.Hour, 2)}:{Padded(utc.Minute, 2)}:{Padded(utc.Second, 2)}.{Padded(nanoseconds, 9)}Z";
    }

    private static string Padded(long number, int digits) => $"{number}".PadLeft(digits, '0');
}
