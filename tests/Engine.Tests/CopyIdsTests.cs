using Rundlet.Engine.Copies;
using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public class CopyIdsTests
{
    private static readonly Spec s_spec = new()
    {
        OciVersion = "1.2.0",
        Linux = new LinuxSpec
        {
            UidMappings = [new IdMapping { ContainerId = 0, HostId = 100_000, Size = 1000 }, new IdMapping { ContainerId = 1000, HostId = 5, Size = 1 }],
            GidMappings = [new IdMapping { ContainerId = 0, HostId = 200_000, Size = 10 }],
        },
    };

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(999, 100_999)]
    [InlineData(1000, 5)]
    public void Ids_of_a_container_are_those_of_its_user_namespace(uint inside, uint outside)
    {
        Assert.Equal(outside, ContainerRoot.IdsOf(s_spec, toHost: true).User(inside));
        Assert.Equal(inside, ContainerRoot.IdsOf(s_spec, toHost: false).User(outside));
    }

    [Fact]
    public void An_id_without_a_place_is_refused_there_and_nobodys_here()
    {
        CopyIds there = ContainerRoot.IdsOf(s_spec, toHost: true), here = ContainerRoot.IdsOf(s_spec, toHost: false);
        Assert.Equal("the container's user namespace has no user id 1001", Assert.Throws<ContainerException>(() => there.User(1001)).Message);
        Assert.Equal("the container's user namespace has no group id 10", Assert.Throws<ContainerException>(() => there.Group(10)).Message);
        Assert.Equal((65534u, 65534u), (here.User(7), here.Group(100_000)));
    }

    [Fact]
    public void Without_a_user_namespace_ids_are_as_they_are() =>
        Assert.Equal(4_000_000_000u, ContainerRoot.IdsOf(new Spec { OciVersion = "1.2.0" }, toHost: true).User(4_000_000_000));
}
