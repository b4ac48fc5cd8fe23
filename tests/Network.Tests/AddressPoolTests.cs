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
        Subnet subnet = Subnet.Parse("10.9.0.0/24");
        ConcurrentBag<IPAddress> reserved = [];
        Parallel.For(0, 8, worker =>
        {
            using AddressPool pool = AddressPool.Open(_folder, subnet); // an open file of its own, as in another process
            for (int i = 0; i < 30; i++)
                reserved.Add(pool.Reserve($"{worker}-{i}"));
        });
        Assert.Equal(240, reserved.Distinct().Count());
    }

    [Fact]
    public void A_freed_address_rests_until_the_others_were_used()
    {
        using AddressPool pool = AddressPool.Open(_folder, Subnet.Parse("10.9.0.0/29"));
        Assert.Equal(5, Subnet.Parse("10.9.0.0/29").Capacity);
        string[] given = new string[7];
        for (int i = 0; i < given.Length; i++)
        {
            given[i] = pool.Reserve("a").ToString();
            pool.Release("a");
        }
        Assert.Equal(["10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6", "10.9.0.2", "10.9.0.3"], given);
    }

    [Fact]
    public void An_exhausted_pool_says_so_and_recovers()
    {
        using AddressPool pool = AddressPool.Open(_folder, Subnet.Parse("10.9.0.0/30"));
        pool.Reserve("a");
        ContainerException error = Assert.Throws<ContainerException>(() => pool.Reserve("b"));
        Assert.Equal(ContainerErrorKind.Unavailable, error.Kind);
        Assert.Equal("no free address in subnet '10.9.0.0/30': all 1 are taken", error.Message);
        pool.Release("a");
        Assert.Equal("10.9.0.2", pool.Reserve("b").ToString());
    }

    [Fact]
    public void Only_the_owners_reservation_is_released()
    {
        using AddressPool pool = AddressPool.Open(_folder, Subnet.Parse("10.9.0.0/24"));
        pool.Reserve("a");
        IPAddress b = pool.Reserve("b");
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
        using AddressPool pool = AddressPool.Open(_folder, Subnet.Parse("10.9.0.0/24"));
        Assert.Equal(ContainerErrorKind.InvalidArgument,
            Assert.Throws<ContainerException>(() => pool.Reserve(IPAddress.Parse(address), "a")).Kind);
    }

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.0.0.0/31")]
    [InlineData("fd00::/64")]
    [InlineData("x")]
    public void A_subnet_of_another_size_or_family_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => Subnet.Parse(text)).Kind);

    [Theory]
    [InlineData("10.9.0.0", 8, true)]
    [InlineData("10.9.0.77", 32, true)]
    [InlineData("10.9.1.0", 24, false)]
    [InlineData("0.0.0.0", 0, true)]
    public void Overlap_is_seen_from_both_sides(string address, int prefix, bool overlaps) =>
        Assert.Equal(overlaps, Subnet.Parse("10.9.0.0/24").Overlaps(IPAddress.Parse(address), prefix));
}
