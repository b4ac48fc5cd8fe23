using System.Net;

namespace Rundlet.Cli.Tests;

/// <summary>Bounds of what comes in and goes out, seen by what is really sent.</summary>
public sealed class NetworkRateTests
{
    private const int Bytes = 2_000_000;
    private static readonly TimeSpan s_free = TimeSpan.FromSeconds(0.5), s_patience = TimeSpan.FromSeconds(15);

    [Fact]
    public void A_rate_holds_in_each_life_until_it_is_lifted()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.238.0.0/24", "front");
        string id = Must(machine, "run", "-d", "--name", "web", "--network", "front:ip=10.238.0.9", "--network-rate", "in=16mbit,out=8mbit", "shell", "sleep", "1000").Trim();
        Assert.Equal("16000000 8000000\n", Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.front.RateIn}} {{.NetworkSettings.Networks.front.RateOut}}", "web"));
        RequireRate(machine, 1, 2);
        Must(machine, "restart", "-t", "0", "web");
        RequireRate(machine, 1, 2);
        LifeTests.KillSupervisor(machine, id);
        Must(machine, "ps"); // adopts it
        RequireRate(machine, 1, 2);
        Must(machine, "update", "--network-rate", "out=16mbit", "web");
        RequireRate(machine, 1, 1);
        Must(machine, "update", "--network-rate", "in=0", "web");
        RequireRate(machine, 0, 1);
        Must(machine, "update", "--network-rate", "0", "web");
        RequireRate(machine, 0, 0);
        Must(machine, "restart", "-t", "0", "web");
        RequireRate(machine, 0, 0);
        Assert.DoesNotContain("RateIn", Must(machine, "inspect", "web"));
    }

    [Fact]
    public void A_rate_is_of_each_network_that_says_nothing_else_and_of_the_default_one_too()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.238.0.0/24", "front");
        Must(machine, "run", "-d", "--name", "web", "--network", "front:ip=10.238.0.9,rate-in=16mbit", "--network", "bridge", "--network-rate", "8mbit", "shell", "sleep", "1000");
        RequireRate(machine, 1, 2);
        Assert.Equal("8000000 8000000\n", Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.bridge.RateIn}} {{.NetworkSettings.Networks.bridge.RateOut}}", "web"));
        Must(machine, "network", "disconnect", "front", "web");
        Must(machine, "network", "connect", "--ip", "10.238.0.9", "--network-rate", "in=8mbit", "front", "web");
        RequireRate(machine, 2, 0);
        Must(machine, "run", "-d", "--name", "plain", "--network-rate", "out=8mbit", "shell", "sleep", "1000");
        using InsideNetwork inside = new(machine, "plain");
        IPAddress address = IPAddress.Parse(Must(machine, "inspect", "-f", "{{.NetworkSettings.IPAddress}}", "plain").Trim());
        Assert.InRange(inside.Transfer(address, Bytes, isIn: false), TimeSpan.FromSeconds(1.7), s_patience);
    }

    [Fact]
    public void Of_a_killed_update_the_rate_follows_the_row()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.238.0.0/24", "front");
        Must(machine, "run", "-d", "--name", "web", "--network", "front:ip=10.238.0.9", "shell", "sleep", "1000");
        Must(machine, "update", "--network-rate", "16mbit", "web");
        using (InsideNetwork inside = new(machine, "web"))
            inside.Tool("tc", "qdisc", "del", "dev", "eth0", "root"); // as if it had not got there
        NetworkTests.Claim(machine, "update");
        Must(machine, "ps");
        RequireRate(machine, 1, 1);
    }

    [Fact]
    public void What_cannot_be_bounded_is_refused_by_name()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "-d", "macvlan", "beside");
        Assert.Contains("network 'beside' cannot bound what comes in", machine.Run("run", "--network", "beside", "--network-rate", "1mbit", "shell", "true").Error);
        Assert.Contains("rates cannot be chosen with network 'host'", machine.Run("run", "--network", "host", "--network-rate", "1mbit", "shell", "true").Error);
        Result wrong = machine.Run("run", "--network-rate", "fast", "shell", "true");
        Assert.Equal((125, "rundlet: invalid rate 'fast'"), (wrong.Code, wrong.Error.Split('\n')[0]));
        Must(machine, "run", "-d", "--name", "alone", "--network", "none", "shell", "sleep", "1000");
        Assert.Contains("has no network of its own", machine.Run("update", "--network-rate", "1mbit", "alone").Error);
    }

    // Seconds that two million bytes take each way; 0 for no bound.
    private static void RequireRate(Machine machine, int secondsIn, int secondsOut)
    {
        using InsideNetwork inside = new(machine, "web");
        foreach ((bool isIn, int seconds) in ((bool, int)[])[(true, secondsIn), (false, secondsOut)])
        {
            TimeSpan taken = inside.Transfer(IPAddress.Parse("10.238.0.9"), Bytes, isIn);
            for (int turn = 0; turn < 10 && seconds == 0 && taken >= s_free; turn++)
                taken = inside.Transfer(IPAddress.Parse("10.238.0.9"), Bytes, isIn); // the machine may be busy
            if (seconds == 0)
                Assert.True(taken < s_free, $"{taken} is too slow for no bound");
            else
                Assert.InRange(taken, TimeSpan.FromSeconds(seconds * 0.85), s_patience); // a bucket is full at first
        }
    }

    private static string Must(Machine machine, params string[] words) => NetworkTests.Must(machine, words);
}
