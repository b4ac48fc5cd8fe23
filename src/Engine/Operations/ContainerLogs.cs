using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Logs;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>What a container has written.</summary>
public static class ContainerLogs
{
    /// <summary>The log's name in the container's folder.</summary>
    public const string FileName = "container.log";

    /// <summary>Reads the log.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="tail">How many of the last lines; null for all.</param>
    /// <param name="follow">Whether to go on until the container ends.</param>
    /// <param name="write">Gets each line.</param>
    /// <param name="caughtUp">Called when all that is there was given.</param>
    /// <param name="cancellation">Ends a following.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, long? tail, bool follow, Action<LogRecord> write, Action caughtUp, CancellationToken cancellation = default)
    {
        using var reader = new LogReader($"{engine.Paths.Container(record.Id)}/{FileName}");
        if (tail is { } lines)
            reader.SeekTail(lines);
        if (!follow)
        {
            ReadAll(reader, write, caughtUp);
            return;
        }
        using var watch = new LogWatch(engine.Paths, record.Id, engine.StandingOf(record).State);
        while (true)
        {
            // Asked before the reading: what an ended container wrote is in the log, so the reading after it is the last.
            bool isRunning = engine.StandingOf(record).IsRunning;
            ReadAll(reader, write, caughtUp);
            if (!isRunning)
                return;
            watch.Wait(cancellation);
        }
    }

    private static void ReadAll(LogReader reader, Action<LogRecord> write, Action caughtUp)
    {
        while (reader.TryRead(out ReadOnlySpan<byte> line))
            write(LogRecord.Parse(line));
        caughtUp();
    }
}
