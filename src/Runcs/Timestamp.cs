using System.Globalization;

namespace Rundlet.Runcs;

/// <summary>RFC 3339 in UTC with nanoseconds, as runc prints times.</summary>
internal static class Timestamp
{
    /// <summary>The text, such as <c>2026-01-02T03:04:05.678901200Z</c>.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
}
