using System.Globalization;
using Rundlet.Cli.Commands;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Specs;
using Rundlet.Engine.State;
using Rundlet.Engine.Stats;
using Rundlet.Images;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Metrics;

/// <summary>
/// The page of all metrics. Each time the engine is opened as by any command, looked at and closed again: between scrapes nothing is kept,
/// and what a killed command has left is repaired as by any other.
/// </summary>
/// <param name="open">Opens the engine.</param>
/// <param name="labels">Labels of containers that become labels of their metrics: the container's name of each, and the metrics'.</param>
internal sealed class MetricsPage(Func<ContainerEngine> open, IReadOnlyList<(string Label, string Name)> labels)
{
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly SortedDictionary<int, long> _answers = [];

    /// <summary>Counts an answer.</summary>
    public void Count(int status) => _answers[status] = _answers.GetValueOrDefault(status) + 1;

    /// <summary>Makes the page.</summary>
    /// <exception cref="ContainerException">The engine could not be opened.</exception>
    public (byte[] Text, string ContentType) Render(bool openMetrics)
    {
        long begin = TimeProvider.System.GetTimestamp();
        MetricsText text = new(openMetrics);
        List<(string Part, bool IsRead)> parts = [];
        using (ContainerEngine engine = open())
        {
            Collect(parts, "containers", () => ReadContainers(engine), containers => WriteContainers(text, containers));
            Collect(parts, "volumes", () => engine.Volumes.List().Count, count => text.Single("rundlet_volumes", MetricType.Gauge, "Volumes.", count));
            Collect(parts, "images", () => engine.Images.Store.Usage(), images => WriteImages(text, images));
        }
        text.Family("rundlet_scrape_part_success", MetricType.Gauge, "1 where a part of the page could be read.");
        foreach ((string part, bool isRead) in parts)
            text.Sample(MetricLabels.None.With("part", part), isRead ? 1 : 0);
        WriteEngine(text);
        text.Single("rundlet_scrape_duration_seconds", MetricType.Gauge, "How long it took to make this page.", TimeProvider.System.GetElapsedTime(begin).TotalSeconds);
        return (text.End(), text.ContentType);
    }

    // A part that cannot be read is told and left away; it must not take the others with it. All is read before anything of it is written.
    private static void Collect<T>(List<(string, bool)> parts, string part, Func<T> read, Action<T> write)
    {
        T found;
        try
        {
            found = read();
        }
        catch (Exception e) when (ErrorReport.IsOurs(e))
        {
            ErrorReport.Write(new ContainerException(ContainerErrorKind.Internal, $"read the {part} for metrics", e), debug: false);
            parts.Add((part, false));
            return;
        }
        write(found);
        parts.Add((part, true));
    }

    private List<ContainerReading> ReadContainers(ContainerEngine engine)
    {
        StatsReader reader = new(engine);
        BlockDeviceNames devices = new();
        List<ContainerReading> containers = [];
        foreach (ContainerRecord record in engine.Containers.List())
        {
            ContainerStanding standing = engine.StandingOf(record);
            containers.Add(new ContainerReading(record, standing, reader.TryRead(record, standing), LabelsOf(record)) { DeviceName = devices.Of });
        }
        return containers;
    }

    private MetricLabels LabelsOf(ContainerRecord record)
    {
        MetricLabels all = MetricLabels.None.With("id", record.Id).With("name", record.Name).With("image", record.Image);
        if (labels.Count == 0)
            return all;
        IReadOnlyDictionary<string, string> own = InspectContainer.OptionsOf(record).Labels;
        foreach ((string label, string name) in labels)
        {
            if (own.TryGetValue(label, out string? value))
                all = all.With(name, value);
        }
        return all;
    }

    private static void WriteContainers(MetricsText text, IReadOnlyList<ContainerReading> containers)
    {
        foreach (ContainerMetric metric in ContainerMetrics.All)
            metric.Write(text, containers);
        text.Family("rundlet_containers", MetricType.Gauge, "Containers by state.");
        foreach (ContainerPhase phase in Enum.GetValues<ContainerPhase>())
            text.Sample(MetricLabels.None.With("state", phase.ToString().ToLowerInvariant()), containers.Count(container => container.Standing.Phase == phase));
    }

    private static void WriteImages(MetricsText text, StoreUsage images)
    {
        text.Single("rundlet_images", MetricType.Gauge, "Images.", images.Images.Count);
        text.Single("rundlet_images_bytes", MetricType.Gauge, "What images take on disk; what several share is counted once.", images.Size);
        text.Single("rundlet_images_reclaimable_bytes", MetricType.Gauge, "What images take on disk that no container uses.", images.Reclaimable);
    }

    private void WriteEngine(MetricsText text)
    {
        text.Family("rundlet_build_info", MetricType.Gauge, "1, with the version.");
        text.Sample(MetricLabels.None.With("version", VersionCommand.Version).With("runtime_spec", SpecBuilder.OciVersion), 1);
        text.Family("rundlet_http_requests_total", MetricType.Counter, "Requests that were answered before this one, by status.");
        foreach ((int status, long count) in _answers)
            text.Sample(MetricLabels.None.With("code", status.ToString(CultureInfo.InvariantCulture)), count);
        text.Single("machine_cpu_cores", MetricType.Gauge, "Processors of the machine.", Environment.ProcessorCount);
        text.Single("machine_memory_bytes", MetricType.Gauge, "Memory of the machine.", EngineInfo.MemoryOfMachine());
        text.Single("process_cpu_seconds_total", MetricType.Counter, "CPU time that this server used.", Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Single("process_resident_memory_bytes", MetricType.Gauge, "Memory of this server.", Environment.WorkingSet);
        text.Single("process_start_time_seconds", MetricType.Gauge, "When this server was started, in seconds since 1970.", _started.ToUnixTimeMilliseconds() / 1000.0);
        text.Single("process_open_fds", MetricType.Gauge, "Open files and sockets of this server.", OpenFds());
    }

    private static int OpenFds() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
}
