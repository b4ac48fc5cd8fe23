namespace Rundlet.Engine.Logs;

/// <summary>Which part of a log is wanted.</summary>
public sealed record LogRequest
{
    /// <summary>How many of the last records, of those not later than <see cref="Until"/>; null for all.</summary>
    public long? Tail { get; init; }

    /// <summary>Whether to go on until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Only what is not older.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only what is not newer. A following ends then.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether a record of some moment is wanted.</summary>
    internal LogWindow Window => new(Since is { } since ? LogMoment.Of(since) : null, Until is { } until ? LogMoment.Of(until, "99") : null);
}
