namespace Rundlet.Engine.Stats;

/// <summary>
/// What a container used between two readings. All zero after the first reading, and between readings of two lives: counters that began
/// again say nothing about the time before.
/// </summary>
/// <param name="CpuPercent">CPU, in percent of one processor.</param>
/// <param name="Received">Bytes a second that came in.</param>
/// <param name="Sent">Bytes a second that went out.</param>
/// <param name="BlockRead">Bytes a second from block devices.</param>
/// <param name="BlockWritten">Bytes a second to block devices.</param>
public readonly record struct StatsRates(double CpuPercent, double Received, double Sent, double BlockRead, double BlockWritten)
{
    /// <summary>Compares a reading with an earlier one; null for none.</summary>
    public static StatsRates Between(ContainerStats? earlier, ContainerStats? now)
    {
        if (earlier is null || now is null || earlier.Process != now.Process)
            return default;
        double seconds = TimeProvider.System.GetElapsedTime(earlier.Timestamp, now.Timestamp).TotalSeconds;
        return new StatsRates(
            Rate(earlier.CpuTime, now.CpuTime, seconds) / 1e7,
            Rate(earlier.NetworkReceived, now.NetworkReceived, seconds),
            Rate(earlier.NetworkSent, now.NetworkSent, seconds),
            Rate(earlier.BlockRead, now.BlockRead, seconds),
            Rate(earlier.BlockWritten, now.BlockWritten, seconds));
    }

    // A counter may fall within one life too: a block device is taken away, an interface is made again.
    private static double Rate(ulong earlier, ulong now, double seconds) => now <= earlier || seconds <= 0 ? 0 : (now - earlier) / seconds;
}
