namespace Rundlet.Images.Tar;

/// <summary>A moment: whole seconds since 1970 (negative before) and the nanoseconds after them, 0 to 999,999,999.</summary>
public readonly record struct TarTime(long Seconds, int Nanoseconds) : IComparable<TarTime>
{
    /// <inheritdoc/>
    public int CompareTo(TarTime other) => (Seconds, Nanoseconds).CompareTo((other.Seconds, other.Nanoseconds));

    /// <summary>Takes a date over.</summary>
    public static TarTime From(DateTimeOffset moment)
    {
        long ticks = moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + TimeSpan.TicksPerSecond);
        return new TarTime(seconds, (int)rest * 100);
    }
}
