using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>Devices of the host in a container. Each test has a veth pair with names of its own.</summary>
[SpecRow("linux.netDevices")]
public sealed class NetDeviceTests : ContainerTest, IDisposable
{
    private static int s_number;
    private readonly string _device;
    private readonly string _peer;

    public NetDeviceTests()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.4 and crun before 1.23 know no netDevices");
        int number = Interlocked.Increment(ref s_number);
        _device = $"rt{Environment.ProcessId % 100000}a{number}";
        _peer = $"rt{Environment.ProcessId % 100000}b{number}";
        Ip("link", "add", _device, "type", "veth", "peer", "name", _peer);
    }

    void IDisposable.Dispose()
    {
        base.Dispose();
        using BoundedProcess delete = BoundedProcess.Start($"{Path.GetTempPath()}/{_peer}", ["ip", "link", "delete", _peer]);
        _ = delete.Wait(); // ignored: the other end may have ended with its container
        File.Delete($"{Path.GetTempPath()}/{_peer}.out");
        File.Delete($"{Path.GetTempPath()}/{_peer}.err");
    }

    [Fact]
    public void A_device_moves_with_its_lasting_addresses_and_is_up()
    {
        Ip("address", "add", "192.0.2.7/24", "dev", _device);
        Ip("address", "add", "2001:db8::7/64", "nodad", "dev", _device);
        Ip("address", "add", "169.254.9.9/16", "scope", "link", "dev", _device);
        TestContainer container = With(_device, null).Script($"busybox ip address show {_device}");
        string shown = container.Output();
        Assert.Contains("192.0.2.7/24", shown, StringComparison.Ordinal);
        Assert.Contains("2001:db8::7/64", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("169.254.9.9", shown, StringComparison.Ordinal);
        Assert.Contains(",UP", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inside0", "inside0")]
    [InlineData("lan%d", "lan0")]
    public void A_device_is_renamed(string name, string wanted)
    {
        TestContainer container = With(_device, name).Script("ls /sys/class/net");
        container.Mount("/sys", "sysfs", "sysfs", "ro");
        Assert.Contains(wanted, container.Output().Split('\n'));
    }

    [Fact]
    public void A_device_goes_to_a_user_namespace_and_a_sysctl_finds_it()
    {
        TestContainer container = With(_device, "eth7").Namespace("user").Script("cat /proc/sys/net/ipv4/conf/eth7/forwarding");
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        container.LinuxPart["sysctl"] = new JsonObject { ["net.ipv4.conf.eth7.forwarding"] = "1" };
        Assert.Equal("1", container.Output());
    }

    [Fact]
    public void A_device_goes_to_a_joined_namespace()
    {
        int pid = Container().Script("sleep 1000").Up().Pid();
        TestContainer container = With(_device, "eth9").Namespace("network", $"/proc/{pid}/ns/net").Script("busybox ip link show eth9");
        Assert.Contains("eth9", container.Output(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("program")]
    [InlineData("mount")]
    [InlineData("second device")]
    public void When_the_container_comes_to_nothing_the_device_is_back_as_it_was(string failure)
    {
        Ip("address", "add", "192.0.2.9/24", "dev", _device);
        Ip("link", "set", _device, "up");
        TestContainer container = With(_device, "eth0").Args(failure == "program" ? "/bin/nothing" : "/bin/true");
        if (failure == "mount")
            container.Mount("/x", "moonfs", "none");
        if (failure == "second device")
            container.LinuxPart["netDevices"]!.AsObject()["rt-no-device"] = new JsonObject();
        Assert.NotEqual(0, container.Run().Status);
        string shown = Ip("address", "show", _device);
        Assert.Contains("192.0.2.9/24", shown, StringComparison.Ordinal);
        Assert.Contains(",UP", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_moved_is_refused()
    {
        With("rt-no-device", null).Run().Refused(1, "rt-no-device");
        With(_device, "lo").Run().Refused(1, "'lo'");
        With(_device, "much-too-long-a-name").Run().Refused(1, "much-too-long-a-name");
        With(_device, null).RemoveNamespace("network").Run().Refused(1, "linux.netDevices");
        With(_device, null).Namespace("network", "/proc/self/ns/net").Run().Refused(1, "linux.netDevices");
        Assert.Contains(_device, Ip("link", "show", _device), StringComparison.Ordinal);
    }

    private TestContainer With(string device, string? name)
    {
        TestContainer container = Container();
        JsonObject member = [];
        if (name is not null)
            member["name"] = name;
        container.LinuxPart["netDevices"] = new JsonObject { [device] = member };
        return container;
    }

    private string Ip(params string[] words)
    {
        using BoundedProcess ip = BoundedProcess.Start($"{Scratch}/ip", ["ip", .. words]);
        return ip.Wait().Good().Output;
    }
}
