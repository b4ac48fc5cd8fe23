using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The time in a log record: RFC 3339 in UTC with nine digits of a second.</summary>
internal static class LogTime
{
    /// <summary>Length of the text in bytes.</summary>
    public const int Length = 30;

    /// <summary>The time of now.</summary>
    public static timespec Now()
    {
        LinuxException.ThrowIfError(Sys.clock_gettime(CLOCK.REALTIME, out timespec now), "clock_gettime");
        return now;
    }

    /// <summary>Writes a time after 1970 and before 10000.</summary>
    public static void Write(timespec time, Span<byte> destination)
    {
        DateTime date = DateTime.UnixEpoch.AddSeconds(time.tv_sec);
        "0000-00-00T00:00:00.000000000Z"u8.CopyTo(destination);
        Digits(destination[..4], date.Year);
        Digits(destination[5..7], date.Month);
        Digits(destination[8..10], date.Day);
        Digits(destination[11..13], date.Hour);
        Digits(destination[14..16], date.Minute);
        Digits(destination[17..19], date.Second);
        Digits(destination[20..29], (int)time.tv_nsec);
    }

    private static void Digits(Span<byte> destination, int value)
    {
        for (int i = destination.Length - 1; i >= 0; i--, value /= 10)
            destination[i] = (byte)('0' + value % 10);
    }
}
