using System.Globalization;
using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class TimeNamespaceTests : ContainerTest
{
    private const long Week = 7 * 24 * 3600;

    // What a started program sees of its own: /proc/uptime shows the boot clock of the reader's namespace.
    private const string Show = "readlink /proc/self/ns/time; cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets";

    [Fact]
    [SpecRow("linux.namespaces.time", "linux.timeOffsets")]
    public void The_clocks_of_a_new_time_namespace_are_ahead_by_what_the_spec_says()
    {
        RuntimeProgram.SkipUnlessOurs("neither runc before 1.2 nor crun 1.8.1 makes a time namespace with offsets");
        TestContainer container = Container().Namespace("time").Script(Show);
        Offset(container, ("boottime", Week, 0), ("monotonic", 7200, 5));
        string[] lines = container.Output().Split('\n');
        Assert.NotEqual(new FileInfo("/proc/self/ns/time").LinkTarget, lines[0]);
        AssertAhead(Week, lines[1]);
        Assert.Equal("monotonic 7200 5", Squeezed(lines[2]));
        Assert.Equal($"boottime {Week} 0", Squeezed(lines[3]));
    }

    [Fact]
    public void The_clocks_may_run_behind()
    {
        RuntimeProgram.SkipUnlessOurs("neither runc before 1.2 nor crun 1.8.1 makes a time namespace with offsets");
        TestContainer container = Container().Namespace("time").Script(Show);
        Offset(container, ("boottime", -3, 500_000_000));
        string[] lines = container.Output().Split('\n');
        AssertAhead(-3, lines[1]);
        Assert.Equal("boottime -3 500000000", Squeezed(lines[3]));
    }

    [Fact]
    public void Without_offsets_a_new_time_namespace_has_the_hosts_clocks()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 knows no time namespace");
        string[] lines = Container().Namespace("time").Script(Show).Output().Split('\n');
        Assert.NotEqual(new FileInfo("/proc/self/ns/time").LinkTarget, lines[0]);
        AssertAhead(0, lines[1]);
    }

    [Fact]
    public void A_user_namespace_has_a_time_namespace_of_its_own()
    {
        RuntimeProgram.SkipUnlessOurs("neither runc before 1.2 nor crun 1.8.1 makes a time namespace with offsets");
        TestContainer container = Container().Namespace("user").Namespace("time").Script(Show);
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        Offset(container, ("boottime", Week, 0));
        AssertAhead(Week, container.Output().Split('\n')[1]);
    }

    [Fact]
    public void A_time_namespace_by_path_is_joined_and_so_does_every_process_that_is_executed()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 knows no time namespace");
        TestContainer first = Container().Namespace("time").Script("sleep 1000");
        Offset(first, ("boottime", Week, 0));
        int pid = first.Up().Pid();
        string theirs = new FileInfo($"/proc/{pid}/ns/time").LinkTarget!;
        string[] executed = first.Exec("/bin/sh", "-c", Show).Good().Lines;
        Assert.Equal(theirs, executed[0]);
        AssertAhead(Week, executed[1]);
        string[] joined = Container().Namespace("time", $"/proc/{pid}/ns/time").Script(Show).Output().Split('\n');
        Assert.Equal(theirs, joined[0]);
        AssertAhead(Week, joined[1]);
    }

    [Fact]
    public void The_callers_own_clocks_stay()
    {
        string before = new FileInfo("/proc/self/ns/time_for_children").LinkTarget!;
        TestContainer container = Container().Namespace("time");
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 knows no time namespace");
        Offset(container, ("monotonic", Week, 0));
        container.Run().Good();
        Assert.Equal(before, new FileInfo("/proc/self/ns/time_for_children").LinkTarget);
    }

    [Theory]
    [InlineData("realtime", 1, 0, "realtime")]
    [InlineData("monotonic", 1, 1_000_000_000, "nanosecs")]
    [InlineData("monotonic", long.MaxValue, 0, "timeOffsets")]
    [InlineData("boottime", -100_000_000_000, 0, "timeOffsets")]
    public void Offsets_that_cannot_be_are_refused(string clock, long seconds, int nanoseconds, string text)
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 knows no time namespace");
        TestContainer container = Container().Namespace("time");
        Offset(container, (clock, seconds, nanoseconds));
        container.Run().Refused(1, text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/proc/self/ns/time")]
    public void Offsets_need_a_time_namespace_of_the_containers_own(string? path)
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 knows no time namespace");
        TestContainer container = Container();
        if (path is not null)
            container.Namespace("time", path);
        Offset(container, ("monotonic", 1, 0));
        container.Run().Refused(1, "linux.timeOffsets");
    }

    private static void Offset(TestContainer container, params (string Clock, long Seconds, int Nanoseconds)[] offsets)
    {
        JsonObject all = [];
        foreach ((string clock, long seconds, int nanoseconds) in offsets)
            all[clock] = new JsonObject { ["secs"] = seconds, ["nanosecs"] = nanoseconds };
        container.LinuxPart["timeOffsets"] = all;
    }

    private static void AssertAhead(long wanted, string uptime)
    {
        double own = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        double ahead = double.Parse(uptime, CultureInfo.InvariantCulture) - own;
        Assert.True(ahead > wanted - 60 && ahead < wanted + 60, $"{ahead} seconds ahead");
    }

    private static string Squeezed(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
