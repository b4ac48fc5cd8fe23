using System.Globalization;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Stats;

namespace Rundlet.Cli.Top;

/// <summary>The columns of the live view, in their order; what does not fit is left away from the end.</summary>
internal static class TopColumns
{
    private const int RateWidth = 8;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<TopColumn> All { get; } =
    [
        TopColumn.Words("NAME", 14, 40, sample => SafeText.Of(sample.Record.Name)),
        TopColumn.Words("STATE", 10, 12, StateOf, (a, b) => a.Standing.Phase.CompareTo(b.Standing.Phase)),
        TopColumn.Number("CPU %", 7, sample => sample.Rates.CpuPercent, percent => percent.ToString("0.0", CultureInfo.InvariantCulture)),
        TopColumn.Number("MEMORY", 8, sample => sample.Stats?.Memory ?? 0, bytes => Human.Binary((ulong)bytes)),
        TopColumn.Number("MEM %", 6, sample => sample.Stats?.MemoryPercent ?? 0, percent => percent.ToString("0.0", CultureInfo.InvariantCulture)),
        TopColumn.Number("PIDS", 5, sample => sample.Stats?.Tasks ?? 0, count => $"{count}"),
        TopColumn.Number("IN/s", RateWidth, sample => sample.Rates.Received, Rate),
        TopColumn.Number("OUT/s", RateWidth, sample => sample.Rates.Sent, Rate),
        TopColumn.Number("READ/s", RateWidth, sample => sample.Rates.BlockRead, Rate),
        TopColumn.Number("WRITE/s", RateWidth, sample => sample.Rates.BlockWritten, Rate),
        TopColumn.Words("IMAGE", 12, 60, sample => SafeText.Of(sample.Record.Image)),
    ];

    /// <summary>The one that the view begins with: what uses most CPU is at the top.</summary>
    public static int First => 2;

    /// <summary>Where a container stands, in a word.</summary>
    public static string StateOf(ContainerSample sample) => sample.Standing is { Phase: ContainerPhase.Exited, Exit: { } exit }
        ? $"exited {exit.ExitCode}"
        : sample.Standing.Phase.ToString().ToLowerInvariant();

    private static string Rate(double bytes) => bytes < 1 ? "0B" : Human.Decimal((ulong)bytes);
}
