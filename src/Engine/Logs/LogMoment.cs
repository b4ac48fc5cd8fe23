using System.Globalization;
using System.Text;

namespace Rundlet.Engine.Logs;

/// <summary>Moments as a log has them: text of one length, so that the order of the bytes is the order in time.</summary>
internal static class LogMoment
{
    /// <summary><c>2026-11-23T16:05:00.000000000Z</c></summary>
    public const int Length = 30;

    /// <summary>The text of a moment, with more digits of its own behind the seven that .NET knows.</summary>
    public static byte[] Of(DateTimeOffset moment, string lastDigits = "00") =>
        Encoding.ASCII.GetBytes(moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + lastDigits + "Z");

    /// <summary>The same for the text of another writer; null where it is none.</summary>
    public static byte[]? OfText(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment) ? Of(moment) : null;
}
