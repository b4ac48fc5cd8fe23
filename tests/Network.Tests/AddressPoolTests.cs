using System.Collections.Concurrent;
using System.Net;
using Rundlet.Linux;
using Rundlet.Network.Addresses;

namespace Rundlet.Network.Tests;

public sealed class AddressPoolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-pool-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_address_is_handed_out_twice_by_several_at_once()
    {
        SubnetDefinition subnet = Of("10.9.0.0/24");
        ConcurrentBag<IPAddress> reserved = [];
        Parallel.For(0, 8, worker =>
        {
            using AddressPool pool = AddressPool.Open(_folder); // an open file of its own, as in another process
            for (int i = 0; i < 30; i++)
                reserved.Add(pool.Reserve(subnet, $"{worker}-{i}"));
        });
        Assert.Equal(240, reserved.Distinct().Count());
    }

    [Fact]
    public void A_freed_address_rests_until_the_others_were_used()
    {
        SubnetDefinition subnet = Of("10.9.0.0/29");
        using AddressPool pool = AddressPool.Open(_folder);
        string[] given = new string[7];
        for (int i = 0; i < given.Length; i++)
        {
            given[i] = pool.Reserve(subnet, "a").ToString();
            pool.Release("a");
        }
        Assert.Equal(["10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6", "10.9.0.2", "10.9.0.3"], given);
    }

    [Fact]
    public void An_exhausted_pool_says_so_and_recovers()
    {
        SubnetDefinition subnet = Of("10.9.0.0/30");
        using AddressPool pool = AddressPool.Open(_folder);
        pool.Reserve(subnet, "a");
        ContainerException error = Assert.Throws<ContainerException>(() => pool.Reserve(subnet, "b"));
        Assert.Equal(ContainerErrorKind.Unavailable, error.Kind);
        Assert.Equal("no free address in subnet '10.9.0.0/30': all 1 are taken", error.Message);
        pool.Release("a");
        Assert.Equal("10.9.0.2", pool.Reserve(subnet, "b").ToString());
    }

    [Fact]
    public void Only_the_owners_reservation_is_released()
    {
        SubnetDefinition subnet = Of("10.9.0.0/24");
        using AddressPool pool = AddressPool.Open(_folder);
        pool.Reserve(subnet, "a");
        IPAddress b = pool.Reserve(subnet, "b");
        Assert.Single(pool.Release("a"));
        Assert.Empty(pool.Release("a"));
        Assert.Equal([(b, "b")], pool.List());
        Assert.Equal([b], pool.Reconcile(id => id != "b"));
        Assert.Empty(pool.List());
    }

    [Theory]
    [InlineData("10.9.0.0")]
    [InlineData("10.9.0.1")]
    [InlineData("10.9.0.255")]
    [InlineData("10.9.1.2")]
    [InlineData("::1")]
    public void An_address_that_no_container_can_have_is_refused(string address)
    {
        SubnetDefinition subnet = Of("10.9.0.0/24");
        using AddressPool pool = AddressPool.Open(_folder);
        Assert.Equal(ContainerErrorKind.InvalidArgument,
            Assert.Throws<ContainerException>(() => pool.Reserve(subnet, IPAddress.Parse(address), "a")).Kind);
    }

    [Theory]
    [InlineData("10.0.0.0/7")]
    [InlineData("10.0.0.0/31")]
    [InlineData("fd00::/127")]
    [InlineData("10.9.0.1/24")]
    [InlineData("x")]
    public void A_subnet_of_another_size_or_with_host_bits_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => Subnet.Parse(text)).Kind);

    [Theory]
    [InlineData("10.9.0.0", 8, true)]
    [InlineData("10.9.0.77", 32, true)]
    [InlineData("10.9.1.0", 24, false)]
    [InlineData("0.0.0.0", 0, true)]
    public void Overlap_is_seen_from_both_sides(string address, int prefix, bool overlaps) =>
        Assert.Equal(overlaps, Subnet.Parse("10.9.0.0/24").Overlaps(IPAddress.Parse(address), prefix));

    [Fact]
    public void Range_gateway_and_reserved_addresses_bound_what_is_given()
    {
        SubnetDefinition subnet = new(Subnet.Parse("10.9.0.0/24"))
        {
            Range = Subnet.ParseRange("10.9.0.8/29"),
            Gateway = IPAddress.Parse("10.9.0.9"),
            Reserved = [IPAddress.Parse("10.9.0.10")],
        };
        using AddressPool pool = AddressPool.Open(_folder);
        string[] given = [.. Enumerable.Range(0, 6).Select(i => pool.Reserve(subnet, $"{i}").ToString())];
        Assert.Equal(["10.9.0.8", "10.9.0.11", "10.9.0.12", "10.9.0.13", "10.9.0.14", "10.9.0.15"], given);
        Assert.Contains("all 6 are taken", Assert.Throws<ContainerException>(() => pool.Reserve(subnet, "x")).Message, StringComparison.Ordinal);
        Assert.EndsWith("it is the gateway's", Refusal("10.9.0.9"), StringComparison.Ordinal);
        Assert.EndsWith("it is reserved", Refusal("10.9.0.10"), StringComparison.Ordinal);
        pool.Reserve(subnet, IPAddress.Parse("10.9.0.200"), "outside the range, but asked for");

        string Refusal(string address) => Assert.Throws<ContainerException>(() => pool.Reserve(subnet, IPAddress.Parse(address), "x")).Message;
    }

    [Fact]
    public void Ipv6_addresses_have_a_search_of_their_own()
    {
        using AddressPool pool = AddressPool.Open(_folder);
        Assert.Equal("10.9.0.2", pool.Reserve(Of("10.9.0.0/24"), "a").ToString());
        Assert.Equal("fd00:1::2", pool.Reserve(Of("fd00:1::/64"), "a").ToString());
        Assert.Equal("fd00:1::3", pool.Reserve(Of("fd00:1::/64"), "b").ToString());
        Assert.Equal("10.9.0.3", pool.Reserve(Of("10.9.0.0/24"), "b").ToString());
        Assert.Equal(2, pool.Release("a").Count);
    }

    private static SubnetDefinition Of(string subnet) => new(Subnet.Parse(subnet));
}
