using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>
/// Supervisors are killed at any moment while their container writes numbered lines. RUNDLET_LOG_KILLS says how often, RUNDLET_LOG_SEED when, for
/// who wants to see more of it.
/// </summary>
public sealed class LogKillTests
{
    private const string Stop = "/tmp/stop";

    private static readonly int s_kills = int.TryParse(Environment.GetEnvironmentVariable("RUNDLET_LOG_KILLS"), out int kills) ? kills : 20;
    private static readonly int s_seed = int.TryParse(Environment.GetEnvironmentVariable("RUNDLET_LOG_SEED"), out int seed) ? seed : 1;

    [Fact]
    public void No_line_is_lost_or_doubled_of_a_program_that_writes_without_a_pause() =>
        Check("seq $((n * 1000 + 1)) $((n * 1000 + 1000))", (text, n) => AddNumbers(text, n * 1000, 1000), new());

    [Fact]
    public void No_line_is_lost_or_doubled_of_two_streams() =>
        Check("seq $((n * 500 + 1)) $((n * 500 + 500)); seq $((n * 500 + 1)) $((n * 500 + 500)) >&2", (text, n) => AddNumbers(text, n * 500, 500), new(), withStderr: true);

    [Fact]
    public void No_line_is_lost_or_doubled_in_rotations() =>
        Check("seq $((n * 1000 + 1)) $((n * 1000 + 1000))", (text, n) => AddNumbers(text, n * 1000, 1000), new(MaxLogSize: 20_000, MaxLogFiles: 1_000_000));

    [Fact]
    public void No_line_is_lost_or_doubled_that_comes_in_pieces() =>
        Check("printf 'a line %d ' $n; test $((n % 10)) -ne 0 || sleep 0.001; echo \"and its end\"", (text, n) => text.Append("a line ").Append(n).Append(" and its end\n"), new());

    [Fact]
    public void No_line_is_lost_or_doubled_that_is_longer_than_a_record() =>
        Check("printf '%d:' $n; head -c 40000 /dev/zero | tr '\\0' x; echo", (text, n) => text.Append(n).Append(':').Append('x', 40_000).Append('\n'), new());

    [Fact]
    public void What_came_from_a_terminal_before_it_was_gone_is_in_the_log_once()
    {
        Random random = new(s_seed);
        for (int i = 0; i < (s_kills / 2) + 1; i++)
        {
            using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "stty -onlcr; i=1; while echo $i; do i=$((i + 1)); done"], new(Terminal: true));
            using SupervisorConnection attached = container.Attach();
            container.Start();
            using OwnedFd program = OwnedFd.FromAnswer(Sys.pidfd_open(container.Pid), "pidfd_open");
            string seen = TestContainer.ReadUntil(attached, "1");
            Wait(random, 8_000);
            container.KillSupervisor();
            TestContainer.WaitForEnd(program); // the terminal has hung up
            RemoveCgroup(container);
            seen += ReadRest(attached);

            Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(container.Adopt).Kind);

            string log = TextOf(container, "stdout");
            StringBuilder expected = new();
            for (int line = 1; expected.Length < log.Length; line++)
                expected.Append(line).Append('\n');
            Assert.Equal(expected.ToString(0, log.Length), log);
            Assert.StartsWith(seen, log);
        }
    }

    [Fact]
    public void What_a_container_wrote_is_in_the_log_when_it_ends_before_another_supervisor_is_there()
    {
        using TestContainer container = TestContainer.Run("printf 'one\\nthe beginning of two'; while :; do sleep 1000; done");
        UntilTaken(container);
        using OwnedFd program = OwnedFd.FromAnswer(Sys.pidfd_open(container.Pid), "pidfd_open");
        container.KillSupervisor();
        Assert.Equal(0, Sys.pidfd_send_signal(program.Value, SIG.KILL));
        TestContainer.WaitForEnd(program);
        RemoveCgroup(container);
        Assert.True(OutputSpoolFile.HoldsOutput(container.RunFolder));

        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(container.Adopt).Kind);

        Assert.Equal(["one\n", "the beginning of two"], JsonFileLogTests.Records(container.LogPath).Select(record => record.Log));
        Assert.False(OutputSpoolFile.HoldsOutput(container.RunFolder));
    }

    // As the engine does it.
    private static void RemoveCgroup(TestContainer container)
    {
        using Cgroup cgroup = Cgroup.FromPaths(container.State.Cgroups);
        cgroup.Remove(kill: true);
    }

    // The program does `step` with a number until it is told to stop, and says at the end how often.
    private static void Check(string step, Action<StringBuilder, int> add, TestContainer.Options options, bool withStderr = false)
    {
        Random random = new(s_seed);
        using TestContainer container = TestContainer.Run($"n=0; while ! test -e {Stop}; do {step}; n=$((n + 1)); done; echo $n times", options);
        for (int i = 0; i < s_kills; i++)
        {
            Wait(random, 6_000);
            container.KillSupervisor();
            Wait(random, 1_000);
            container.Adopt();
        }
        container.Touch(Stop);
        container.WaitForSupervisor();

        Assert.Equal(0, container.ExitRecord.ExitCode);
        string stdout = TextOf(container, "stdout");
        int times = int.Parse(stdout[(stdout.TrimEnd('\n').LastIndexOf('\n') + 1)..].Split(' ')[0]);
        StringBuilder expected = new();
        for (int n = 0; n < times; n++)
            add(expected, n);
        AssertSame($"{expected}{times} times\n", stdout);
        if (withStderr)
            AssertSame(expected.ToString(), TextOf(container, "stderr"));
    }

    // Texts of megabytes: only where they begin to differ is of interest.
    private static void AssertSame(string expected, string actual)
    {
        int at = expected.AsSpan().CommonPrefixLength(actual);
        Assert.True(expected == actual, $"at {at} of {expected.Length}, {actual.Length} in the log: '{Around(expected, at)}' was due, '{Around(actual, at)}' is there");
    }

    private static string Around(string text, int at) => text[Math.Max(0, at - 20)..Math.Min(text.Length, at + 20)].Replace("\n", "\\n");

    private static void AddNumbers(StringBuilder text, int from, int count)
    {
        for (int i = 1; i <= count; i++)
            text.Append(from + i).Append('\n');
    }

    // No event says that a moment is any moment.
    private static void Wait(Random random, int mostMicroseconds)
    {
        long end = Environment.TickCount64 + (mostMicroseconds / 1000) + 1;
        long until = System.Diagnostics.Stopwatch.GetTimestamp() + (random.Next(mostMicroseconds) * System.Diagnostics.Stopwatch.Frequency / 1_000_000);
        while (System.Diagnostics.Stopwatch.GetTimestamp() < until && Environment.TickCount64 < end)
            Thread.Yield();
    }

    private static void UntilTaken(TestContainer container)
    {
        using FileSystemWatcher watcher = new(container.ContainerFolder, "container.log") { EnableRaisingEvents = true };
        for (int turn = 0; turn < 200 && !(JsonFileLogTests.Records(container.LogPath).Count == 1 && OutputSpoolFile.HoldsOutput(container.RunFolder)); turn++)
            watcher.WaitForChanged(WatcherChangeTypes.All, 50);
    }

    private static string ReadRest(SupervisorConnection attached)
    {
        using CancellationTokenSource limit = new(TestContainer.Patience);
        StringBuilder all = new();
        try
        {
            while (attached.Read(out ReadOnlySpan<byte> payload, limit.Token) == FrameType.Stdout)
                all.Append(Encoding.UTF8.GetString(payload));
        }
        catch (Exception gone) when (gone is ContainerException or LinuxException)
        {
            _ = gone; // ignored: the supervisor was killed
        }
        return all.ToString();
    }

    private static string TextOf(TestContainer container, string stream)
    {
        StringBuilder text = new();
        foreach (string file in RotatedLog.List(container.LogPath).Select(old => old.NameFor(container.LogPath)).Append(container.LogPath))
        {
            foreach ((string log, string from, _) in JsonFileLogTests.Records(file))
            {
                if (from == stream)
                    text.Append(log);
            }
        }
        return text.ToString();
    }
}
