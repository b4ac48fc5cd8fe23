using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands;

namespace Rundlet.Cli.Tests;

/// <summary>docs/cli-parity.md against docker's own list, and against the program.</summary>
public sealed class ParityTests
{
    // docker run --help of docker 28
    private const string DockerRun = """
        add-host annotation attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile cpu-count cpu-percent cpu-period cpu-quota
        cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems detach detach-keys device device-cgroup-rule device-read-bps device-read-iops
        device-write-bps device-write-iops disable-content-trust dns dns-option dns-search domainname entrypoint env env-file expose gpus group-add health-cmd
        health-interval health-retries health-start-interval health-start-period health-timeout help hostname init interactive io-maxbandwidth io-maxiops ip ip6
        ipc isolation kernel-memory label label-file link link-local-ip log-driver log-opt mac-address memory memory-reservation memory-swap memory-swappiness
        mount name network network-alias no-healthcheck oom-kill-disable oom-score-adj pid pids-limit platform privileged publish publish-all pull quiet read-only
        restart rm runtime security-opt shm-size sig-proxy stop-signal stop-timeout storage-opt sysctl tmpfs tty ulimit use-api-socket user userns uts volume
        volume-driver volumes-from workdir
        """;

    private const string DockerExec = "detach detach-keys env env-file interactive privileged tty user workdir";

    [Theory]
    [InlineData("## Flags of run and create", DockerRun)]
    [InlineData("## Flags of exec", DockerExec)]
    public void Every_flag_of_dockers_has_a_row_and_no_other(string heading, string flags) =>
        Assert.Equal(
            flags.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), Rows(heading).SelectMany(row => row.Flags).Order(StringComparer.Ordinal));

    [Fact]
    public void A_row_says_what_the_program_does()
    {
        foreach ((List<string> flags, string here) in Rows("## Flags of run and create"))
        {
            foreach (string flag in flags.Where(flag => flag != "help"))
            {
                Option? option = RunOptions.All.FirstOrDefault(option => option.IsNamed(flag));
                if (here == "yes" && flag != "volume-driver")
                    Assert.True(option is { Refusal: null }, $"--{flag} is not here, but the table says so");
                else if (here == "no")
                    Assert.False(option is { Refusal: null }, $"--{flag} is here, but the table does not say so");
            }
        }
        Assert.All(Rows("## Flags of exec").SelectMany(row => row.Flags), flag => Assert.Contains(new ExecCommand().Options, option => option.Name == flag));
    }

    private static IEnumerable<(List<string> Flags, string Here)> Rows(string heading)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Machine.Repository(), "docs/cli-parity.md"));
        foreach (string line in lines.SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)).Where(line => line.StartsWith("| `-", StringComparison.Ordinal)))
        {
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            yield return ([.. cells[1].Split(['`', ',', ' '], StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith("--", StringComparison.Ordinal)).Select(word => word[2..])], cells[2]);
        }
    }
}
