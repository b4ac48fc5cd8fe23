using System.Text.Json;
using Rundlet.Engine;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Tests;

/// <summary><c>rundlet network</c>, and containers on networks, by the program itself.</summary>
public sealed class NetworkTests
{
    [Fact]
    public void Networks_are_made_listed_inspected_and_removed()
    {
        using Machine machine = new();
        string id = Must(machine, "network", "create", "--label", "a=1", "-o", "com.docker.network.driver.mtu=1400", "front").Trim();
        Assert.Equal(64, id.Length);
        Assert.Equal("front bridge local\n", Must(machine, "network", "ls", "--filter", "label=a", "--format", "{{.Name}} {{.Driver}} {{.Scope}}"));
        Assert.Equal(id[..12] + "\n", Must(machine, "network", "ls", "-q", "--filter", "type=custom"));
        using JsonDocument document = JsonDocument.Parse(Must(machine, "network", "inspect", id[..7]));
        JsonElement network = document.RootElement[0];
        Assert.Equal(("front", id, "bridge", "1400"), (network.GetProperty("Name").GetString(), network.GetProperty("Id").GetString(), network.GetProperty("Driver").GetString(),
            network.GetProperty("Options").GetProperty("com.docker.network.driver.mtu").GetString()));
        Assert.Contains("/", network.GetProperty("IPAM").GetProperty("Config")[0].GetProperty("Subnet").GetString());
        Assert.True(OwnNetwork.Has($"br-{id[..12]}"));
        Result again = machine.Run("network", "create", "front");
        Assert.Equal((1, "rundlet: network with name 'front' already exists"), (again.Code, again.Error.Split('\n')[0]));
        Assert.Equal(id + "\n", Must(machine, "network", "create", "--ignore", "front"));
        Assert.Equal("front\n", Must(machine, "network", "rm", "front"));
        Assert.False(OwnNetwork.Has($"br-{id[..12]}"));
        Result gone = machine.Run("network", "rm", "front");
        Assert.Equal((1, "rundlet: no such network 'front'"), (gone.Code, gone.Error.Split('\n')[0]));
        Assert.Equal("front\n", Must(machine, "network", "rm", "-f", "front"));
    }

    [Fact]
    public void What_overlaps_is_refused_with_the_name_of_what_it_overlaps()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.231.0.0/24", "front");
        Result error = machine.Run("network", "create", "--subnet", "10.231.0.128/25", "back");
        Assert.Equal(1, error.Code);
        Assert.Contains("overlaps subnet '10.231.0.0/24' of network 'front'", error.Error);
        Assert.Equal(1, machine.Run("network", "inspect", "back").Code);
    }

    [Fact]
    public void The_built_in_networks_can_neither_be_made_nor_removed()
    {
        using Machine machine = new();
        Assert.Contains("network 'bridge' is built in", machine.Run("network", "create", "bridge").Error);
        Assert.Contains("network 'host' is built in, and cannot be removed", machine.Run("network", "rm", "host").Error);
        Assert.Equal("null\n", Must(machine, "network", "inspect", "-f", "{{.Driver}}", "none"));
    }

    [Theory]
    [InlineData("--attachable", "for swarms")]
    [InlineData("--ingress", "for swarms")]
    [InlineData("--config-only", "for swarms")]
    public void What_is_for_swarms_is_refused_by_name(string flag, string reason)
    {
        using Machine machine = new();
        Result error = machine.Run("network", "create", flag, "front");
        Assert.NotEqual(0, error.Code);
        Assert.Contains(flag, error.Error);
        Assert.Contains(reason, error.Error);
    }

    [Fact]
    public void A_container_is_on_several_networks_with_what_it_asked_for()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.232.0.0/24", "front");
        Must(machine, "network", "create", "--subnet", "10.233.0.0/24", "--internal", "back");
        Must(machine, "run", "-d", "--name", "web", "--network", "back:alias=db,ip=10.233.0.77,mac=02:00:00:00:00:07,interface_name=data0", "--network", "name=front,alias=www", "--hostname", "box", "shell", "sleep", "1000");
        Assert.Equal("back,front\n", Must(machine, "ps", "--format", "{{.Networks}}"));
        Assert.Equal("web\n", Must(machine, "ps", "--filter", "network=front", "--format", "{{.Names}}"));
        Assert.Equal("10.233.0.77 02:00:00:00:00:07 10.232.0.1\n",
            Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.back.IPAddress}} {{.NetworkSettings.Networks.back.MacAddress}} {{.NetworkSettings.Networks.front.Gateway}}", "web"));
        string devices = Must(machine, "exec", "web", "cat", "/proc/net/dev");
        Assert.Contains("data0:", devices);
        Assert.Contains("eth0:", devices);
        string hosts = Must(machine, "exec", "web", "cat", "/etc/hosts");
        Assert.Contains("10.233.0.77\tbox\n", hosts);
        Assert.Matches(@"10\.232\.0\.\d+\tbox\n", hosts);
        Assert.StartsWith("nameserver 127.0.0.11\n", Must(machine, "exec", "web", "cat", "/etc/resolv.conf"));
        using JsonDocument names = JsonDocument.Parse(Must(machine, "inspect", "-f", "{{json .NetworkSettings.Networks.back.DNSNames}}", "web"));
        Assert.Equal(["web", "db"], names.RootElement.EnumerateArray().Take(2).Select(name => name.GetString()));
        Assert.Contains("web", Must(machine, "network", "inspect", "-f", "{{json .Containers}}", "back"));
        Result refused = machine.Run("network", "rm", "back");
        Assert.Equal((1, "rundlet: cannot remove network 'back': in use by 'web'"), (refused.Code, refused.Error.Split('\n')[0]));
        Must(machine, "stop", "-t", "0", "web");
        Assert.Equal(1, machine.Run("network", "rm", "back").Code);
        Assert.Equal("\n", Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.back.IPAddress}}", "web"));
        Assert.Equal("10.233.0.77\n", Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.back.IPAMConfig.IPv4Address}}", "web"));
    }

    [Fact]
    public void A_running_container_is_connected_and_disconnected_and_its_files_follow()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.234.0.0/24", "front");
        string id = Must(machine, "run", "-d", "--name", "web", "shell", "sleep", "1000").Trim();
        string hosts = Must(machine, "exec", "web", "cat", "/etc/hosts");
        string inode = Must(machine, "exec", "web", "ls", "-i", "/etc/hosts");
        Must(machine, "network", "connect", "--alias", "www", "front", "web");
        Assert.Contains("eth1:", Must(machine, "exec", "web", "cat", "/proc/net/dev"));
        Assert.Matches(@"10\.234\.0\.\d+\t" + id[..12], Must(machine, "exec", "web", "cat", "/etc/hosts"));
        Assert.StartsWith("nameserver 127.0.0.11\n", Must(machine, "exec", "web", "cat", "/etc/resolv.conf"));
        Assert.Equal(inode, Must(machine, "exec", "web", "ls", "-i", "/etc/hosts"));
        Assert.Contains("is on network 'front' already", machine.Run("network", "connect", "front", "web").Error);
        Must(machine, "network", "disconnect", "front", "web");
        Assert.DoesNotContain("eth1:", Must(machine, "exec", "web", "cat", "/proc/net/dev"));
        Assert.Equal(hosts, Must(machine, "exec", "web", "cat", "/etc/hosts"));
        Assert.DoesNotContain("127.0.0.11", Must(machine, "exec", "web", "cat", "/etc/resolv.conf"));
        Assert.Contains("is not on network 'front'", machine.Run("network", "disconnect", "front", "web").Error);
        Must(machine, "network", "disconnect", "-f", "front", "web");
    }

    [Fact]
    public void A_file_that_the_container_changed_is_left_alone()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "front");
        Must(machine, "run", "-d", "--name", "web", "shell", "sh", "-c", "echo 192.0.2.1 mine >> /etc/hosts; echo nameserver 192.0.2.53 > /etc/resolv.conf; sleep 1000");
        LifeTests.Until(() => Must(machine, "exec", "web", "cat", "/etc/resolv.conf").Contains("192.0.2.53"), machine.Folder);
        string hosts = Must(machine, "exec", "web", "cat", "/etc/hosts");
        Must(machine, "network", "connect", "front", "web");
        Assert.Equal(hosts, Must(machine, "exec", "web", "cat", "/etc/hosts"));
        Assert.Equal("nameserver 192.0.2.53\n", Must(machine, "exec", "web", "cat", "/etc/resolv.conf"));
    }

    [Fact]
    public void A_container_that_does_not_run_is_on_its_networks_with_its_next_start()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.235.0.0/24", "front");
        Must(machine, "create", "--name", "web", "shell", "sleep", "1000");
        Must(machine, "network", "connect", "--ip", "10.235.0.9", "front", "web");
        Assert.Equal("bridge,front\n", Must(machine, "ps", "-a", "--format", "{{.Networks}}"));
        Must(machine, "network", "disconnect", "bridge", "web");
        Must(machine, "start", "web");
        Assert.Equal("10.235.0.9 front\n", Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.front.IPAddress}} {{.HostConfig.NetworkMode}}", "web"));
        Must(machine, "network", "disconnect", "front", "web");
        Assert.Equal("none\n", Must(machine, "ps", "--format", "{{.Networks}}"));
        Must(machine, "restart", "-t", "0", "web");
        Assert.DoesNotContain("eth0:", Must(machine, "exec", "web", "cat", "/proc/net/dev"));
        Must(machine, "network", "connect", "bridge", "web");
        Assert.Contains("eth0:", Must(machine, "exec", "web", "cat", "/proc/net/dev"));
    }

    [Fact]
    public void What_cannot_be_connected_is_refused_and_nothing_changes()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.236.0.0/24", "front");
        Must(machine, "run", "-d", "--name", "web", "shell", "sleep", "1000");
        Must(machine, "run", "-d", "--name", "other", "--network", "host", "shell", "sleep", "1000");
        Assert.Contains("has the network of the host", machine.Run("network", "connect", "front", "other").Error);
        Must(machine, "network", "disconnect", "-f", "front", "other");
        Assert.Contains("has the network of the host", machine.Run("network", "disconnect", "-f", "host", "other").Error);
        Assert.Contains("no such network 'fornt'", machine.Run("network", "connect", "fornt", "web").Error);
        Assert.Contains("did you mean 'front'?", machine.Run("run", "--network", "fornt", "shell", "true").Error);
        Assert.NotEqual(0, machine.Run("network", "connect", "--ip", "10.1.2.3", "front", "web").Code);
        Assert.Contains("has no IPv6", machine.Run("network", "connect", "--ip6", "fd00::3", "front", "web").Error);
        Assert.Equal("bridge\n", Must(machine, "ps", "--filter", "name=web", "--format", "{{.Networks}}"));
        Assert.Equal("front\n", Must(machine, "network", "rm", "front"));
    }

    [Fact]
    public void Ports_of_a_running_container_are_added_and_taken_away()
    {
        using Machine machine = new();
        Must(machine, "run", "-d", "--name", "web", "-p", "127.0.0.1:34071:80", "shell", "sleep", "1000");
        Must(machine, "run", "-d", "--name", "other", "-p", "127.0.0.1:34072:80", "shell", "sleep", "1000");
        Must(machine, "update", "--publish-add", "127.0.0.1:34073:81", "--publish-rm", "80", "web");
        Assert.Equal("81/tcp -> 127.0.0.1:34073\n", Must(machine, "port", "web"));
        Result taken = machine.Run("update", "--publish-add", "127.0.0.1:34072:82", "web");
        Assert.NotEqual(0, taken.Code);
        Assert.Contains("34072", taken.Error);
        Assert.Equal("81/tcp -> 127.0.0.1:34073\n", Must(machine, "port", "web"));
        Assert.Contains("publishes no port '99'", machine.Run("update", "--publish-rm", "99", "web").Error);
        Must(machine, "restart", "-t", "0", "web");
        Assert.Equal("81/tcp -> 127.0.0.1:34073\n", Must(machine, "port", "web"));
    }

    [Fact]
    public void A_network_and_ports_that_a_killed_command_was_changing_follow_the_rows()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "front");
        string id = Must(machine, "run", "-d", "--name", "web", "-p", "127.0.0.1:34075:80", "shell", "sleep", "1000").Trim();
        string note = $"{machine.Folder}/run/containers/{id}/network.json", resolver = $"{machine.Folder}/lib/containers/{id}/resolv.conf";
        string noted = File.ReadAllText(note), plain = File.ReadAllText(resolver);
        // It had published a port, and not noted that.
        Must(machine, "update", "--publish-add", "127.0.0.1:34076:81", "web");
        File.WriteAllText(note, noted);
        Claim(machine, "update");
        Assert.Equal("80/tcp -> 127.0.0.1:34075\n81/tcp -> 127.0.0.1:34076\n", Must(machine, "port", "web"));
        // It had connected the container, and not told it of the nameserver.
        Must(machine, "network", "connect", "front", "web");
        File.WriteAllText(resolver, plain);
        Claim(machine, "change networks");
        Assert.StartsWith("nameserver 127.0.0.11\n", Must(machine, "exec", "web", "cat", "/etc/resolv.conf"));
    }

    [Fact]
    public void A_renamed_container_has_its_new_name_in_its_networks()
    {
        using Machine machine = new();
        string network = Must(machine, "network", "create", "front").Trim();
        string id = Must(machine, "run", "-d", "--name", "web", "--network", "front:alias=www", "shell", "sleep", "1000").Trim();
        string names = $"{machine.Folder}/run/networks/{network}/names/{id}";
        Assert.Contains("name web\n", File.ReadAllText(names));
        Must(machine, "rename", "web", "site");
        Assert.Contains("name site\n", File.ReadAllText(names));
        Assert.DoesNotContain("name web\n", File.ReadAllText(names));
        Must(machine, "stop", "-t", "0", "site");
        Assert.False(File.Exists(names));
    }

    [Fact]
    public void Pruning_removes_networks_that_no_container_is_on()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "used");
        Must(machine, "network", "create", "unused");
        Must(machine, "create", "--name", "web", "--network", "used", "shell", "true");
        Assert.Equal("Deleted Networks:\nunused\n\n", Must(machine, "network", "prune", "-f"));
        Assert.Contains("Deleted Networks:\nused\n", Must(machine, "system", "prune", "-f"));
        Assert.Equal("", Must(machine, "network", "ls", "-q", "--filter", "type=custom"));
    }

    [Fact]
    public void Diagnosis_says_which_step_fails()
    {
        using Machine machine = new();
        string network = Must(machine, "network", "create", "--internal", "front").Trim();
        Must(machine, "run", "-d", "--name", "web", "--network", "front", "shell", "sleep", "1000");
        Assert.Contains("ok      link (front)", machine.Run("network", "diagnose", "web").Output);
        using (var down = System.Diagnostics.Process.Start("ip", ["link", "set", $"br-{network[..12]}", "down"]))
            down.WaitForExit();
        Result broken = machine.Run("network", "diagnose", "web");
        Assert.Equal(1, broken.Code);
        Assert.Contains($"FAILS   link (front): bridge 'br-{network[..12]}' of network 'front' is down", broken.Output);
        Must(machine, "network", "reload");
        Assert.Contains("ok      link (front)", machine.Run("network", "diagnose", "web").Output);
        using JsonDocument document = JsonDocument.Parse(machine.Run("network", "diagnose", "--format", "json", "web").Output);
        Assert.Equal("link", document.RootElement.GetProperty("Steps")[0].GetProperty("Step").GetString());
    }

    // As by a process that was killed.
    internal static void Claim(Machine machine, string purpose)
    {
        using Database database = Database.Open(new EnginePaths($"{machine.Folder}/lib", $"{machine.Folder}/run").StateFile);
        database.Run($"UPDATE containers SET claim_pid = 0, claim_start = 0, claim_purpose = '{purpose}'");
    }

    internal static string Must(Machine machine, params string[] words)
    {
        Result result = machine.Run(words);
        Assert.True(result.Code == 0, $"{string.Join(' ', words)}: {result.Error}");
        return result.Output;
    }
}
