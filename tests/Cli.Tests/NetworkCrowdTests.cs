using System.Diagnostics;

namespace Rundlet.Cli.Tests;

/// <summary>Many commands at once on one network.</summary>
public sealed class NetworkCrowdTests
{
    private const int Each = 50, Room = 61; // of a /26: two addresses are nobody's, one is the gateway's

    [Fact]
    public void Two_times_fifty_starts_at_once_never_share_an_address_and_one_clear_error_says_that_there_is_none()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.248.0.0/26", "front");
        // Two shells, each with fifty commands at once.
        const string script = "i=0; while [ $i -lt $2 ]; do i=$((i+1)); \"$0\" run -d --name \"$1-$i\" --network front shell sleep 1000 & done; wait";
        Process[] shells = [.. ((string[])["a", "b"]).Select(name => Process.Start(machine.StartInfo("/bin/sh", "-c", script, machine.Program, name, Each.ToString()))!)];
        Result[] results = [.. shells.Select(shell => Machine.Finish(shell, TimeSpan.FromMinutes(3)))];
        Array.ForEach(shells, shell => shell.Dispose());
        string[] started = [.. results.SelectMany(result => result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        string[] errors = [.. results.SelectMany(result => result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(line => line.StartsWith("rundlet:", StringComparison.Ordinal))];
        Assert.Equal((Room, (2 * Each) - Room), (started.Length, errors.Length));
        Assert.Single(errors.Select(error => error[error.IndexOf("network", StringComparison.Ordinal)..]).Distinct());
        Assert.Contains("no free address", errors[0]);
        string[] addresses = [.. Must(machine, ["inspect", "-f", "{{.NetworkSettings.Networks.front.IPAddress}}", .. started]).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal(Room, addresses.Distinct().Count());
        // What did not start holds nothing: as soon as one goes, another one has its place.
        Must(machine, "rm", "-f", started[0]);
        Must(machine, "run", "-d", "--name", "late", "--network", "front", "shell", "sleep", "1000");
        Assert.Equal(addresses[0], Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.front.IPAddress}}", "late").Trim());
        Must(machine, ["rm", "-f", .. Must(machine, "ps", "-aq").Split('\n', StringSplitOptions.RemoveEmptyEntries)]);
    }

    private static string Must(Machine machine, params string[] words) => NetworkTests.Must(machine, words);
}
