using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>A moment that makes results repeatable: seconds since 1970, or RFC 3339.</summary>
public static class TimestampOption
{
    /// <summary>The variable that says the same to any program (reproducible-builds.org, "SOURCE_DATE_EPOCH"): seconds since 1970.</summary>
    public const string Variable = "SOURCE_DATE_EPOCH";

    private static readonly long s_last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The moment of a flag or else of the variable; null when neither says one.</summary>
    /// <param name="flag">The flag's value; null when it was not given.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is none, or before 1970.</exception>
    public static DateTimeOffset? Read(string? flag)
    {
        if (flag is not null)
            return Parse(flag, $"timestamp '{flag}'");
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? Parse(variable, $"{Variable} '{variable}'") : null;
    }

    private static DateTimeOffset Parse(string text, string subject)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= s_last)
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        bool isDate = text.Length >= 20 && text[10] is 'T' or 't' or ' ' && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-');
        if (isDate && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTimeOffset moment) && moment >= DateTimeOffset.UnixEpoch)
            return moment;
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {subject}") { Hint = "write seconds since 1970, or a date as in 2024-05-01T12:00:00Z" };
    }
}
