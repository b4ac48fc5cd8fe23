using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor.Tests;

/// <summary>What one side writes the other one reads; what is malformed is refused with a reason.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void A_configuration_is_read_as_it_was_written()
    {
        SupervisorConfig config = new()
        {
            Id = "web",
            Overlay = new OverlayConfig { Lower = ["/a", "/b,c:d"], Upper = "/u", Work = "/w", Options = ["volatile", "metacopy=on"] },
            Log = new LogConfig
            {
                Driver = LogDriver.Journald,
                Path = "/log",
                MaxSize = 10,
                MaxFiles = 3,
                Packer = "/usr/bin/rundlet",
                MaxWaiting = 4096,
                Fields = new Dictionary<string, string> { ["tag"] = "a\nb" },
            },
            Events = new EventConfig { Path = "/events", Attributes = new Dictionary<string, string> { ["image"] = "hello", ["name"] = "web", ["team"] = "a \"b\"" } },
            OpenStdin = true,
            StdinOnce = true,
            Init = true,
            StopSignal = 3,
            StopTimeoutMs = -1,
            OnExit = ExitPolicy.Remove,
            Restart = new RestartPolicy(RestartCondition.OnFailure, 7),
            Health = new HealthConfig { Command = ["a", "b c"], IntervalMs = 1, TimeoutMs = 2, StartPeriodMs = 3, StartIntervalMs = 4, Retries = 5, OnUnhealthy = UnhealthyAction.Stop },
        };

        SupervisorConfig read = SupervisorConfig.Read(config.ToBytes());

        Assert.Equivalent(config, read, strict: true);
    }

    [Fact]
    public void A_configuration_of_one_member_has_the_defaults()
    {
        SupervisorConfig read = SupervisorConfig.Read("""{"id":"x"}"""u8);

        Assert.Equivalent(new SupervisorConfig { Id = "x" }, read, strict: true);
        Assert.Equal((15, 10_000, ExitPolicy.Keep), (read.StopSignal, read.StopTimeoutMs, read.OnExit));
    }

    [Fact]
    public void A_state_is_read_as_it_was_written()
    {
        ContainerRuntimeState state = new()
        {
            Id = "web",
            Status = ContainerStatus.Running,
            Pid = 12,
            PidStartTime = ulong.MaxValue,
            SupervisorPid = 11,
            SupervisorStartTime = 7,
            StartedAt = new DateTimeOffset(2026, 11, 23, 16, 5, 4, TimeSpan.Zero).AddTicks(1234567),
            RestartCount = 4,
            Health = HealthStatus.Unhealthy,
            LastExit = new ExitRecord { ExitCode = 1, RestartCount = 3 },
            Cgroups = new Dictionary<string, string> { ["memory"] = "/sys/fs/cgroup/memory/web", [""] = "/sys/fs/cgroup/unified/web" },
        };

        Assert.Equivalent(state, ContainerRuntimeState.Read(state.ToBytes()), strict: true);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(9, "cgroup 'x' is \"busy\"")]
    public void An_exit_record_is_read_as_it_was_written(int? signal, string? error)
    {
        ExitRecord record = new() { ExitCode = 137, Signal = signal, OomKilled = true, StartedAt = DateTimeOffset.UnixEpoch, FinishedAt = DateTimeOffset.UtcNow, RestartCount = 2, Stopped = true, Error = error };

        Assert.Equivalent(record, ExitRecord.Read(record.ToBytes()), strict: true);
    }

    [Fact]
    public void A_request_carries_a_whole_process()
    {
        ControlRequest request = new()
        {
            Operation = ControlOperation.Exec,
            Detach = true,
            Process = new Process { Cwd = "/", Args = ["sh", "-c", "echo \"ü\""], Env = ["A=1"], Terminal = true },
        };

        Assert.Equivalent(request, ControlRequest.Read(request.ToBytes()), strict: true);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"op":"dance"}""")]
    [InlineData("""{"op":7}""")]
    [InlineData("""{"op":"resize","rows":65536}""")]
    [InlineData("""{"op":"exec","process":{}}""")]
    [InlineData("""{"op":"wait","op":"wait"}""")]
    [InlineData("""{"op":"wait"} x""")]
    [InlineData("")]
    public void A_malformed_request_is_refused(string json)
    {
        Assert.Throws<SpecFormatException>(() => ControlRequest.Read(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void A_launch_message_is_read_as_it_was_written()
    {
        LaunchMessage failed = new() { Step = LaunchStep.Failed, Failure = new SupervisorFailure(ContainerErrorKind.NotFound, "exec: \"x\": gone", "look again", 127) };
        LaunchMessage created = new() { Step = LaunchStep.Created, Pid = 77 };

        Assert.Equivalent(failed, LaunchMessage.Read(failed.ToBytes()), strict: true);
        Assert.Equivalent(created, LaunchMessage.Read(created.ToBytes()), strict: true);
        Assert.Throws<SpecFormatException>(() => LaunchMessage.Read("""{"type":"error"}"""u8));
        Assert.Throws<SpecFormatException>(() => LaunchMessage.Read("""{"type":"dance"}"""u8));
    }

    [Theory]
    [InlineData(ContainerErrorKind.NotFound, "exec: \"x\": executable file not found in $PATH", 127)]
    [InlineData(ContainerErrorKind.PermissionDenied, "exec: \"x\": permission denied", 126)]
    [InlineData(ContainerErrorKind.NotFound, "open '/data': no such file", 125)]
    [InlineData(ContainerErrorKind.Internal, "exec: \"x\": odd", 125)]
    public void Only_the_users_program_decides_over_126_and_127(ContainerErrorKind kind, string message, int exitCode)
    {
        Assert.Equal(exitCode, SupervisorFailure.Of(new ContainerException(kind, message)).ExitCode);
    }

    [Fact]
    public void Any_kind_of_failure_crosses_the_socket()
    {
        foreach (ContainerErrorKind kind in Enum.GetValues<ContainerErrorKind>())
        {
            ControlResponse response = new() { Failure = new SupervisorFailure(kind, "m", null, 125) };
            Assert.Equal(kind, ControlResponse.Read(response.ToBytes()).Failure!.ToException().Kind);
        }
    }
}
