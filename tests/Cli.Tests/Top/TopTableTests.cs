using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Cli.Top;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Engine.Stats;
using Rundlet.Linux.Tests.Cgroups;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Tests.Top;

public sealed class TopTableTests
{
    private static readonly Style s_plain = new(colors: false);

    [Fact]
    public void What_uses_most_is_at_the_top_and_other_orders_are_a_key_away()
    {
        TopTable table = new();
        table.Update([Sample("idle", 1), Sample("busy", 99.5), Sample("ended", null), Sample("middle", 7)]);
        Assert.Equal("busy middle idle ended", Names(table));
        table.Reverse();
        Assert.Equal("ended idle middle busy", Names(table));
        table.SortBy(-2);
        Assert.Equal("busy ended idle middle", Names(table));
        table.SortBy(-1);
        Assert.Equal(TopColumns.All.Count - 1, table.SortColumn);
        table.SortBy(1);
        table.ToggleRunning();
        Assert.Equal("busy idle middle", Names(table));
    }

    [Fact]
    public void A_filter_looks_at_names_images_and_ids()
    {
        TopTable table = new();
        table.Update([Sample("web-1", 1, "nginx"), Sample("db", 2, "postgres"), Sample("WEB-2", 3, "shell")]);
        table.FilterBy("web");
        Assert.Equal("WEB-2 web-1", Names(table));
        table.FilterBy("POST");
        Assert.Equal("db", Names(table));
        table.FilterBy(table.Samples[1].Record.Id[..8]);
        Assert.Equal("db", Names(table));
        table.FilterBy("nothing");
        Assert.Null(table.Selected);
        table.FilterBy("");
        Assert.Equal(3, table.Shown.Count);
    }

    [Fact]
    public void The_same_container_stays_selected_wherever_it_goes()
    {
        TopTable table = new();
        table.Update([Sample("one", 3), Sample("two", 2), Sample("three", 1)]);
        table.Move(1);
        Assert.Equal("two", table.Selected!.Record.Name);
        table.Update([Sample("one", 3), Sample("two", 9), Sample("three", 1), Sample("four", 5)]);
        Assert.Equal("two four one three", Names(table));
        Assert.Equal("two", table.Selected!.Record.Name);
        table.Move(int.MaxValue);
        Assert.Equal("three", table.Selected!.Record.Name);
        table.Update([Sample("one", 3)]);
        Assert.Equal("one", table.Selected!.Record.Name);
        table.Move(int.MinValue);
        table.Update([]);
        Assert.Null(table.Selected);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    [InlineData(40, 10)]
    [InlineData(20, 5)]
    [InlineData(5, 3)]
    [InlineData(1, 1)]
    public void No_line_is_wider_and_no_table_higher_than_the_terminal(int columns, int rows)
    {
        TopTable table = new();
        table.Update([.. Enumerable.Range(0, 60).Select(i => Sample($"container-with-a-long-name-{i}", i, "registry.test/日本語/image:latest\e[31m"))]);
        for (int step = 0; step < 60; step += 7)
        {
            List<string> lines = table.Draw(columns, rows, s_plain);
            Assert.InRange(lines.Count, 1, Math.Max(2, rows));
            Assert.All(lines, line => Assert.InRange(TextWidth.Of(Plain(line)), 0, columns < 3 ? 3 : columns));
            Assert.Contains(lines, line => line.Contains("\e[7m"));
            Assert.All(lines, line => Assert.DoesNotContain("\e[31m", line));
            table.Move(7);
        }
    }

    [Fact]
    public void Eighty_columns_hold_what_matters()
    {
        TopTable table = new();
        table.Update([Sample("web", 12.34)]);
        string[] lines = [.. table.Draw(80, 3, s_plain).Select(Plain)];
        Assert.Equal("  NAME           STATE       ▼CPU %   MEMORY  MEM %  PIDS     IN/s    OUT/s", lines[0].TrimEnd());
        Assert.Equal("> web            running       12.3    16MiB   25.0     2       0B       0B", lines[1].TrimEnd());
    }

    private static string Names(TopTable table) => string.Join(' ', table.Shown.Select(sample => sample.Record.Name));

    private static string Plain(string line) => Regex.Replace(line, @"\e\[[0-9;]*m", "");

    private static ContainerSample Sample(string name, double? cpu, string image = "shell")
    {
        ContainerRecord record = new()
        {
            Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))),
            Name = name,
            Image = image,
            ImageId = "sha256:" + new string('0', 64),
            Created = DateTimeOffset.UnixEpoch,
        };
        if (cpu is null)
            return new ContainerSample(record, new ContainerStanding { Phase = ContainerPhase.Exited, Exit = new ExitRecord { ExitCode = 1 } }, null, default);
        using FakeCgroup recorded = RecordedCgroup.V2();
        ContainerStats stats = new() { Timestamp = 0, Process = new ProcessIdentity(1, 1), Cgroup = recorded.Cgroup.Usage(), MemoryLimit = 67108864 };
        return new ContainerSample(record, new ContainerStanding { Phase = ContainerPhase.Running }, stats, new StatsRates(cpu.Value, 0, 0, 0, 0));
    }
}
