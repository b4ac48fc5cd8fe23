using System.Net;
using System.Text;
using Rundlet.Dns.Names;

namespace Rundlet.Dns.Tests;

public sealed class HostNamesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-host-names-").FullName;

    [Fact]
    public void All_networks_are_known_by_their_names_and_those_that_are_gone_are_not()
    {
        HostNames names = new(_folder, folder => folder == "gone" ? null : $"net-{folder}", _ => true);
        names.Refresh();
        Assert.Empty(names.Zones);
        foreach (string network in (string[])["a", "b", "gone"])
            Write(network, $"web-{network}");
        names.Refresh();
        Assert.Equal(["net-a", "net-b"], names.Zones.Select(zone => Encoding.UTF8.GetString(zone.Name)));
        Directory.Delete(Path.Combine(_folder, "a"), recursive: true);
        names.Refresh();
        List<NamedContainer> found = [];
        foreach (NetworkZone zone in names.Zones)
            zone.Find("web-b"u8, found);
        Assert.Equal(["c-b"], found.Select(container => container.Id));
        Assert.Equal("net-b", Encoding.UTF8.GetString(Assert.Single(names.Zones).Name));
    }

    [Theory]
    [InlineData("nameserver 127.0.0.53\nnameserver 192.0.2.1 # ours\n", "127.0.0.53 True,192.0.2.1 False")]
    [InlineData("nameserver ::1\nnameserver fd00::53\nnameserver nonsense\nsearch a\n", "::1 True,fd00::53 False")]
    [InlineData("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4\n", "1.1.1.1 False,1.1.1.2 False,1.1.1.3 False")]
    public void Servers_on_the_hosts_loopback_are_asked_from_the_host(string text, string expected) =>
        Assert.Equal(expected, string.Join(',', HostServers.Parse(text).Select(server => $"{server.EndPoint.Address} {server.FromHost}")));

    [Fact]
    public void A_container_follows_the_hosts_servers_and_never_asks_itself()
    {
        string host = Path.Combine(_folder, "resolv.conf");
        File.WriteAllText(host, "nameserver 127.0.0.1\nnameserver 192.0.2.1\n");
        new ResolverConfig { Networks = [("front", _folder)] }.Write(_folder);
        ContainerNames names = new(_folder, _ => true, host);
        names.Refresh();
        Assert.Equal(["127.0.0.1:53", "192.0.2.1:53"], names.Servers.Select(server => server.EndPoint.ToString()));
        int generation = names.Generation;
        new ResolverConfig { Networks = [("front", _folder)], IsInternal = true }.Write(_folder);
        names.Refresh();
        Assert.Equal(["192.0.2.1:53"], names.Servers.Select(server => server.EndPoint.ToString()));
        new ResolverConfig { Servers = [IPAddress.Parse("127.0.0.11"), IPAddress.Parse("192.0.2.2")] }.Write(_folder);
        names.Refresh();
        Assert.Equal(["192.0.2.2:53"], names.Servers.Select(server => server.EndPoint.ToString()));
        Assert.Equal(generation + 2, names.Generation);
        Assert.Empty(names.Zones);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string network, string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, network)).FullName;
        NetworkNames.Write(folder, $"c-{network}", new NamesRecord { Names = [name], Addresses = [IPAddress.Loopback] });
    }
}
