using System.Text;
using Rundlet.Cli.Metrics;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Engine.Stats;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Linux.Tests.Cgroups;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Tests.Metrics;

public sealed class MetricsTextTests
{
    [Fact]
    public void A_family_is_help_type_and_samples()
    {
        MetricsText text = new(openMetrics: false);
        text.Family("things_total", MetricType.Counter, "Things with \\ and\na second line.");
        text.Sample(MetricLabels.None, 3);
        text.Sample(MetricLabels.None.With("kind", "a\"b\\c\nd"), 0.25);
        Assert.Equal(
            """
            # HELP things_total Things with \\ and\na second line.
            # TYPE things_total counter
            things_total 3
            things_total{kind="a\"b\\c\nd"} 0.25

            """,
            Text(text));
    }

    [Fact]
    public void Open_metrics_name_the_family_of_a_counter_without_its_end_and_say_where_the_text_ends()
    {
        MetricsText text = new(openMetrics: true);
        text.Single("things_total", MetricType.Counter, "Things.", 1);
        text.Single("room_bytes", MetricType.Gauge, "\"Room\".", 2);
        Assert.Equal("# HELP things Things.\n# TYPE things counter\nthings_total 1\n# HELP room_bytes \\\"Room\\\".\n# TYPE room_bytes gauge\nroom_bytes 2\n# EOF\n", Text(text));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-3, "-3")]
    [InlineData(9007199254740992, "9007199254740992")]
    [InlineData(1.8446744073709552E+19, "1.8446744073709552E+19")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e-9, "1E-09")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    public void Numbers_are_as_other_readers_take_them(double number, string expected)
    {
        MetricsText text = new(openMetrics: false);
        text.Sample(MetricLabels.None, number);
        Assert.Equal($" {expected}\n", Text(text));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("日本 🐳", "日本 🐳")]
    [InlineData("} 1\nforged 2", "} 1\\nforged 2")]
    [InlineData("cut\0short", "cut\uFFFDshort")]
    [InlineData("\r\t\e[31m", "\r\t\e[31m")]
    public void No_value_of_a_label_leaves_its_quotes(string value, string expected)
    {
        MetricsText text = new(openMetrics: false);
        text.Family("m", MetricType.Gauge, "M.");
        text.Sample(MetricLabels.None.With("v", value), 1);
        Assert.EndsWith($"\nm{{v=\"{expected}\"}} 1\n", Text(text));
    }

    [Fact]
    public void Half_a_character_is_none()
    {
        MetricsText text = new(openMetrics: false);
        text.Sample(MetricLabels.None.With("v", "half " + '\uD83D'), 1);
        Assert.Equal("{v=\"half \uFFFD\"} 1\n", Text(text));
    }

    [Theory]
    [InlineData("com.example.team", "container_label_com_example_team")]
    [InlineData("größe", "container_label_gr__e")]
    [InlineData("1st", "container_label_1st")]
    public void Labels_of_containers_get_names_that_labels_may_have(string label, string name) => Assert.Equal(name, MetricLabels.NameOf(label));

    [Theory]
    [InlineData(false, "container-v1.prom")]
    [InlineData(true, "container-v2.prom")]
    public void A_container_is_told_of_as_recorded(bool isV2, string file)
    {
        using FakeCgroup recorded = isV2 ? RecordedCgroup.V2() : RecordedCgroup.V1();
        MetricsText text = new(openMetrics: false);
        ContainerReading[] containers = [Running(recorded), Ended()];
        foreach (ContainerMetric metric in ContainerMetrics.All)
            metric.Write(text, containers);
        string written = Path.Combine(AppContext.BaseDirectory, file); // in the build's output
        if (File.ReadAllText($"{Machine.Repository()}/tests/Cli.Tests/Metrics/{file}") == Text(text))
            return;
        File.WriteAllText(written, Text(text));
        Assert.Fail($"the text differs from tests/Cli.Tests/Metrics/{file}; the new one is {written}");
    }

    [Fact]
    public void Every_name_is_one_by_the_rules_and_is_explained_in_the_documents()
    {
        string page = File.ReadAllText($"{Machine.Repository()}/docs/monitoring.md");
        Assert.Equal(ContainerMetrics.All.Count, ContainerMetrics.All.Select(metric => metric.Name).Distinct().Count());
        foreach (ContainerMetric metric in ContainerMetrics.All)
        {
            Assert.Matches("^[a-z][a-z0-9_]*$", metric.Name);
            Assert.Equal(metric.Type == MetricType.Counter, metric.Name.EndsWith("_total"));
            Assert.Matches(@"^[A-Z0-9][^\n]*\.$", metric.Help);
            Assert.Contains($"`{metric.Name}`", page);
        }
    }

    private static ContainerReading Running(FakeCgroup cgroup)
    {
        ContainerRecord record = Record("web", 'a');
        var state = new ContainerRuntimeState
        {
            Id = record.Id,
            Status = ContainerStatus.Running,
            Pid = 7,
            PidStartTime = 1,
            SupervisorPid = 8,
            SupervisorStartTime = 1,
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_001_500),
            RestartCount = 2,
            Health = HealthStatus.Healthy,
        };
        var stats = new ContainerStats
        {
            Timestamp = 0,
            Process = new ProcessIdentity(7, 1),
            Cgroup = cgroup.Cgroup.Usage(),
            MemoryLimit = 67108864,
            Interfaces = [new InterfaceTraffic("eth0", new LinkStatistics(1, 2, 3, 4, 5, 6, 7, 8))],
        };
        return Reading(record, new ContainerStanding { Phase = ContainerPhase.Running, State = state }, stats);
    }

    private static ContainerReading Ended()
    {
        var exit = new ExitRecord { ExitCode = 137, StartedAt = DateTimeOffset.FromUnixTimeSeconds(1_700_000_100), FinishedAt = DateTimeOffset.FromUnixTimeSeconds(1_700_000_200) };
        return Reading(Record("job", 'b'), new ContainerStanding { Phase = ContainerPhase.Exited, Exit = exit }, null);
    }

    private static ContainerReading Reading(ContainerRecord record, ContainerStanding standing, ContainerStats? stats) =>
        new(record, standing, stats, MetricLabels.None.With("id", record.ShortId).With("name", record.Name).With("image", record.Image)) { DeviceName = (_, _) => "vda" };

    private static ContainerRecord Record(string name, char digit) => new()
    {
        Id = new string(digit, 64),
        Name = name,
        Image = "registry.test/web:1",
        ImageId = "sha256:" + new string('0', 64),
        Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
    };

    private static string Text(MetricsText text) => Encoding.UTF8.GetString(text.End());
}
