using System.Globalization;
using Rundlet.Engine.Lifecycle;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Output;

/// <summary>Numbers and times as people read them; the words are docker's.</summary>
internal static class Human
{
    /// <summary>Bytes in powers of 1024: <c>12.5MiB</c>.</summary>
    public static string Binary(ulong bytes) => Scale(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 4);

    /// <summary>Bytes in powers of 1000: <c>1.2kB</c>.</summary>
    public static string Decimal(ulong bytes) => Scale(bytes, 1000, ["B", "kB", "MB", "GB", "TB", "PB"], 3);

    /// <summary>A span of time, roughly: <c>5 minutes</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "Less than a second",
        { TotalSeconds: < 2 } => "1 second",
        { TotalSeconds: < 60 } => $"{(int)span.TotalSeconds} seconds",
        { TotalMinutes: < 2 } => "About a minute",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} minutes",
        { TotalHours: < 2 } => "About an hour",
        { TotalHours: < 48 } => $"{(int)span.TotalHours} hours",
        { TotalDays: < 14 } => $"{(int)span.TotalDays} days",
        { TotalDays: < 60 } => $"{(int)(span.TotalDays / 7)} weeks",
        { TotalDays: < 730 } => $"{(int)(span.TotalDays / 30)} months",
        _ => $"{(int)(span.TotalDays / 365)} years",
    };

    /// <summary>How long ago something was.</summary>
    public static string Ago(DateTimeOffset moment, DateTimeOffset now) => $"{Span(now - moment)} ago";

    /// <summary>Where a container stands: <c>Up 5 minutes</c>, <c>Exited (0) 3 hours ago</c>.</summary>
    public static string Status(ContainerStanding standing, DateTimeOffset now) => standing.Phase switch
    {
        ContainerPhase.Running => $"Up {Span(now - (standing.State?.StartedAt ?? now))}{HealthOf(standing)}",
        ContainerPhase.Paused => $"Up {Span(now - (standing.State?.StartedAt ?? now))} (Paused)",
        ContainerPhase.Restarting when standing.Exit is { } exit => $"Restarting ({exit.ExitCode}) {Ago(exit.FinishedAt, now)}",
        ContainerPhase.Exited when standing.Exit is { } exit => $"Exited ({exit.ExitCode}) {Ago(exit.FinishedAt, now)}",
        ContainerPhase.Exited => "Exited",
        ContainerPhase.Dead => "Dead",
        _ => "Created",
    };

    private static string HealthOf(ContainerStanding standing) => standing.State?.Health switch
    {
        null => "",
        HealthStatus.Starting => " (health: starting)",
        { } health => $" ({HealthState.NameOf(health)})",
    };

    /// <summary>A moment as docker's listings write it: <c>2024-05-01 12:00:00 +0000 UTC</c>.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", CultureInfo.InvariantCulture);

    /// <summary>Text from outside, for a terminal: a blank in place of each control character.</summary>
    public static string Printable(string text) => text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 && text.AsSpan().IndexOfAnyInRange('\x7f', '\x9f') < 0
        ? text
        : string.Create(text.Length, text, static (line, text) =>
        {
            for (int i = 0; i < line.Length; i++)
                line[i] = char.IsControl(text[i]) ? ' ' : text[i];
        });

    /// <summary>A text that is at most so long, with an ellipsis where it was longer.</summary>
    public static string Shortened(string text, int length) => text.Length <= length ? text : $"{text.AsSpan(0, length - 1)}…";

    /// <summary>A time of nanoseconds in seconds: <c>12.3s</c>.</summary>
    public static string Seconds(ulong nanoseconds) => (nanoseconds / 1e9).ToString("0.###", CultureInfo.InvariantCulture) + "s";

    /// <summary>A share, with two digits behind the point.</summary>
    public static string Percent(double percent) => percent.ToString("0.00", CultureInfo.InvariantCulture) + "%";

    private static string Scale(ulong bytes, int step, ReadOnlySpan<string> units, int digits)
    {
        double value = bytes;
        int unit = 0;
        while (value >= step && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }
        return value.ToString("G" + digits, CultureInfo.InvariantCulture) + units[unit];
    }
}
