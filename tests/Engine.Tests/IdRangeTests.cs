using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.State;
using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public sealed class IdRangeTests
{
    [Fact]
    public void Ranges_never_overlap_and_are_free_again_with_their_containers()
    {
        using TestRoot root = new();
        IdRangeTable ranges = new(root.Database);
        ContainerTable containers = new(root.Database);
        IdRange pool = new(1000, 100);
        foreach (string id in (string[])["a", "b", "c", "d"])
            containers.Insert(Record(id), "create");
        Assert.Equal(new IdRange(1000, 40), ranges.Reserve("a", 40, pool));
        Assert.Equal(new IdRange(1040, 20), ranges.Reserve("b", 20, pool));
        Assert.Equal(new IdRange(1060, 40), ranges.Reserve("c", 40, pool));
        Assert.Equal(ContainerErrorKind.Unavailable, Assert.Throws<ContainerException>(() => ranges.Reserve("d", 1, pool)).Kind);
        containers.Delete(Record("b"));
        Assert.Null(ranges.Of("b"));
        Assert.Throws<ContainerException>(() => ranges.Reserve("d", 21, pool));
        Assert.Equal(new IdRange(1040, 20), ranges.Reserve("d", 20, pool));
        Assert.Equal(new IdRange(1040, 20), ranges.Of("d"));
    }

    [Fact]
    public void A_range_that_is_shared_stays_taken_until_the_last_container_goes()
    {
        using TestRoot root = new();
        IdRangeTable ranges = new(root.Database);
        ContainerTable containers = new(root.Database);
        foreach (string id in (string[])["a", "b", "c"])
            containers.Insert(Record(id), "create");
        IdRange first = ranges.Reserve("a", 10, new IdRange(1000, 100));
        ranges.Share("b", first);
        containers.Delete(Record("a"));
        Assert.Equal(new IdRange(1010, 10), ranges.Reserve("c", 10, new IdRange(1000, 100)));
    }

    [Theory]
    [InlineData("rundlet:1000:500\n", "rundlet:1000:500\n", 1000, 500)]
    [InlineData("containers:7:8\nrundlet:1000:500\n", "containers:7:8\nrundlet:1000:500\n", 1000, 500)]
    [InlineData("containers:7:8\n", "containers:7:8\n", 7, 8)]
    [InlineData("rundlet:1000:500\n", "rundlet:1200:500\n", 1200, 300)]
    [InlineData("ann:1000:500\n", null, 1L << 31, 1 << 30)]
    [InlineData("rundlet:0:500\nrundlet:x:1\nrundlet:4294967000:500\n", null, 1L << 31, 1 << 30)]
    [InlineData(null, null, 1L << 31, 1 << 30)]
    public void Ids_come_out_of_the_lines_that_are_ours(string? users, string? groups, long first, long size) =>
        Assert.Equal(new IdRange((uint)first, (uint)size), SubordinateIds.Of(users, groups));

    [Theory]
    [InlineData("rundlet:1000:500\n", null)]
    [InlineData("rundlet:1000:500\n", "rundlet:5000:500\n")]
    public void Lines_without_common_ids_are_refused(string users, string? groups) => Assert.Throws<ContainerException>(() => SubordinateIds.Of(users, groups));

    [Theory]
    [InlineData("auto", 65536u)]
    [InlineData("auto:size=1000", 1000u)]
    public void A_range_has_the_size_that_was_asked_for(string mode, uint size)
    {
        NamespaceOptions options = new() { User = mode };
        options.Validate();
        Assert.Equal(size, options.AutoIds);
    }

    [Theory]
    [InlineData("auto:size=0")]
    [InlineData("auto:size=x")]
    [InlineData("auto:size=999999999")]
    [InlineData("auto:uidmapping=0:1:2")]
    public void Another_size_is_refused(string mode) => Assert.Throws<ContainerException>(() => new NamespaceOptions { User = mode }.Validate());

    [Fact]
    public void Ids_reach_the_spec_and_what_is_bound_has_them()
    {
        Spec spec = SpecBuilder.Build(new SpecInputs
        {
            Id = new string('0', 64),
            Options = new ContainerOptions { Image = "i", Command = ["x"], Namespaces = new NamespaceOptions { User = "auto" }, Mounts = [MountOption.ParseVolume("/a:/b"), MountOption.ParseTmpfs("/t")] },
            Image = new ContainerConfig(),
            User = new User(),
            Files = [("/etc/hosts", "/x/hosts")],
            Ids = new IdRange(5000, 100),
        });
        Assert.Contains(spec.Linux!.Namespaces!, item => item is { Type: "user", Path: null });
        IdMapping uids = Assert.Single(spec.Linux.UidMappings!), gids = Assert.Single(spec.Linux.GidMappings!);
        Assert.Equal((0u, 5000u, 100u, 5000u), (uids.ContainerId, uids.HostId, uids.Size, gids.HostId));
        Assert.All(spec.Mounts!, mount => Assert.Equal(mount.Type == "bind", mount.Options!.Contains("ridmap")));
    }

    [Theory]
    [InlineData("host", null, null, false)]
    [InlineData("container:x", null, null, false)]
    [InlineData("none", "host", null, false)]
    [InlineData("none", null, "container:x", false)]
    [InlineData("none", null, null, true)]
    public void A_user_namespace_of_its_own_goes_with_namespaces_of_its_own(string network, string? pid, string? ipc, bool privileged)
    {
        ContainerOptions options = new()
        {
            Image = "i",
            Network = network,
            Namespaces = new NamespaceOptions { User = "auto", Pid = pid, Ipc = ipc },
            Security = new SecurityOptions { Privileged = privileged },
        };
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => OptionConflicts.Validate(options)).Kind);
    }

    private static ContainerRecord Record(string id) => new() { Id = id, Name = id, Image = "i", ImageId = "i", Created = DateTimeOffset.UnixEpoch };
}
