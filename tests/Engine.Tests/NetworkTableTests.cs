using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Proc;

namespace Rundlet.Engine.Tests;

/// <summary>Networks as they are kept: rows, claims, and which container is on which.</summary>
public sealed class NetworkTableTests
{
    private const int NoPid = 0x3FFFFFFF; // above what the kernel gives out

    [Fact]
    public void The_built_in_networks_are_there_from_the_beginning()
    {
        using TestRoot root = new();
        NetworkTable table = new(root.Database);
        Assert.Equal(["bridge", "host", "none"], table.List().Select(network => network.Name));
        Assert.Equal(BuiltInNetworks.BridgeId, table.Get("bridge").Id);
        Assert.Equal(BuiltInNetworks.HostId, table.Get(BuiltInNetworks.HostId[..12]).Id);
        Assert.InRange(table.Get("none").Created, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public void A_network_is_kept_as_it_is_made()
    {
        using TestRoot root = new();
        NetworkTable table = new(root.Database);
        NetworkRecord front = Network("front") with
        {
            Options = new NetworkOptions
            {
                Subnets = [new SubnetOptions("10.1.0.0/16") { Gateway = "10.1.0.9", Range = "10.1.2.0/24", Auxiliary = new Dictionary<string, string> { ["router"] = "10.1.0.2" } }],
                Internal = true,
                Driver = new Dictionary<string, string> { ["mtu"] = "1400" },
            },
            Labels = new Dictionary<string, string> { ["a"] = "1" },
        };
        Insert(root, front);
        NetworkRecord kept = table.Get("front");
        Assert.Equal(NetworkClaim.Create, kept.Claim!.Purpose);
        Assert.Equal("10.1.0.9", kept.Options.Subnets[0].Gateway);
        Assert.Equal("10.1.0.2", kept.Options.Subnets[0].Auxiliary["router"]);
        Assert.True(kept.Options.Internal);
        Assert.Equal(1400u, kept.Options.Mtu);
        Assert.Equal("1", kept.Labels["a"]);
        table.Release(front.Id);
        Assert.Null(table.Get(front.ShortId).Claim);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_and_one_that_is_being_made_is_waited_for()
    {
        using TestRoot root = new();
        NetworkTable table = new(root.Database);
        Insert(root, Network("front"));
        Assert.Throws<BusyNetwork>(() => Insert(root, Network("front", 'b')));
        table.Release(Network("front").Id);
        var error = Assert.Throws<ContainerException>(() => Insert(root, Network("front", 'b')));
        Assert.Equal((ContainerErrorKind.AlreadyExists, "network with name 'front' already exists"), (error.Kind, error.Message));
    }

    [Fact]
    public void A_network_that_a_container_is_on_is_not_removed_and_the_error_names_it()
    {
        using TestRoot root = new();
        NetworkTable table = new(root.Database);
        ContainerTable containers = new(root.Database);
        NetworkRecord front = Network("front");
        Insert(root, front);
        table.Release(front.Id);
        ContainerRecord web = TestRoot.Record("web");
        containers.Insert(web, "create", [new EndpointRecord(front, new EndpointOptions { Aliases = ["www"], Address = "10.1.0.5" })], []);
        EndpointRecord endpoint = Assert.Single(table.OfContainer(web.Id));
        Assert.Equal(("front", "10.1.0.5", "www"), (endpoint.Network.Name, endpoint.Settings.Address, endpoint.Settings.Aliases[0]));
        var error = Assert.Throws<ContainerException>(() => table.ClaimRemoval(front.Id));
        Assert.Equal((ContainerErrorKind.Conflict, "cannot remove network 'front': in use by 'web'"), (error.Kind, error.Message));
        Assert.Throws<ContainerException>(() => table.Delete(front.Id)); // the foreign key
        containers.Delete(web);
        Assert.Empty(table.Used());
        table.ClaimRemoval(front.Id);
        table.Delete(front.Id);
        Assert.Equal(3, table.List().Count);
    }

    [Fact]
    public void No_container_gets_onto_a_network_that_is_being_removed()
    {
        using TestRoot root = new();
        NetworkTable table = new(root.Database);
        NetworkRecord front = Network("front");
        Insert(root, front);
        table.Release(front.Id);
        table.ClaimRemoval(front.Id);
        ContainerTable containers = new(root.Database);
        Assert.Throws<BusyNetwork>(() => containers.Insert(TestRoot.Record("web"), "create", [new EndpointRecord(front, new())], []));
        Assert.Empty(containers.List());
        table.Delete(front.Id);
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => containers.Insert(TestRoot.Record("web"), "create", [new EndpointRecord(front, new())], [])).Kind);
        Assert.Empty(containers.List());
    }

    [Fact]
    public void What_a_killed_command_was_making_is_taken_over_to_be_removed()
    {
        using TestRoot root = new();
        NetworkTable table = new(root.Database);
        NetworkRecord front = Network("front");
        Insert(root, front);
        Assert.Null(table.TakeOver(front.Id));
        root.Database.Run($"UPDATE networks SET claim_pid = {NoPid} WHERE id = '{front.Id}'");
        Assert.Equal(front.Id, Assert.Single(new ClaimedThings(root.Database).List()).Network);
        Assert.Equal(NetworkClaim.Create, table.TakeOver(front.Id)!.Claim!.Purpose);
        Assert.Equal((NetworkClaim.Remove, ProcessIdentity.Own), (table.Find(front.Id)!.Claim!.Purpose, table.Find(front.Id)!.Claim!.Owner));
    }

    [Fact]
    public void A_name_that_nobody_has_suggests_a_near_one()
    {
        using TestRoot root = new();
        Insert(root, Network("front"));
        Assert.Equal("did you mean 'front'?", Assert.Throws<ContainerException>(() => new NetworkTable(root.Database).Get("fornt")).Hint);
    }

    internal static NetworkRecord Network(string name, char digit = 'a') =>
        new() { Id = new string(digit, 64), Name = name, Driver = "bridge", Created = DateTimeOffset.FromUnixTimeMilliseconds(1_000) };

    private static void Insert(TestRoot root, NetworkRecord network) => root.Database.Transact(durable: false, () => new NetworkTable(root.Database).Insert(network));
}
