using System.Globalization;
using System.Net.Http.Headers;

namespace Rundlet.Images.Registry.Http;

/// <summary>Counts failures, and waits longer after each: a quarter of a second, doubled each time, up to eight seconds, with some chance in it.</summary>
internal sealed class Backoff(RegistryOptions options)
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(250), s_longest = TimeSpan.FromSeconds(8);

    private int _failures;

    /// <summary>Begins to count anew.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Waits, unless it is in vain.</summary>
    /// <param name="asked">How long the registry asked to wait; null where it did not.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>False where there were enough failures, or the wait would be too long.</returns>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public bool Wait(TimeSpan? asked, CancellationToken cancel)
    {
        if (++_failures >= options.Attempts || asked > options.LongestWait)
            return false;
        TimeSpan doubled = s_first * Math.Pow(2, Math.Min(_failures - 1, 10));
        TimeSpan own = (doubled < s_longest ? doubled : s_longest) * (0.75 + Random.Shared.NextDouble() / 2); // many machines fail at the same moment
        Task.Delay(asked > own ? asked.Value : own, options.Time, cancel).GetAwaiter().GetResult();
        return true;
    }

    /// <summary>How long an answer asks to wait: <c>Retry-After</c>, RFC 9110, 10.2.3.</summary>
    public static TimeSpan? Asked(HttpResponseMessage answer, TimeProvider time)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values))
            return null;
        string text = values.ToString();
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
            return TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue));
        if (!DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
            return null;
        TimeSpan wait = at - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
