using System.Net;
using Rundlet.Dns.Names;
using Rundlet.Linux;

namespace Rundlet.Dns.Tests;

public sealed class NamesFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-names-").FullName;

    private static readonly NamesRecord s_web = new() { Addresses = [IPAddress.Parse("172.30.0.2"), IPAddress.Parse("fd00::2")], Names = ["Web", "front", "0123456789ab"] };

    [Fact]
    public void What_is_written_is_read()
    {
        NetworkNames.Write(_folder, "c1", s_web);
        NamesRecord read = NetworkNames.TryRead(_folder, "c1")!;
        Assert.Equal(s_web.Addresses, read.Addresses);
        Assert.Equal(s_web.Names, read.Names);
        Assert.Equal(["c1"], NetworkNames.List(_folder));
    }

    [Fact]
    public void What_is_removed_is_gone_and_may_be_removed_again()
    {
        NetworkNames.Remove(_folder, "c1");
        NetworkNames.Write(_folder, "c1", s_web);
        NetworkNames.Remove(_folder, "c1");
        NetworkNames.Remove(_folder, "c1");
        Assert.Null(NetworkNames.TryRead(_folder, "c1"));
        Assert.Empty(NetworkNames.List(_folder));
    }

    [Fact]
    public void A_new_name_takes_the_place_of_the_old_one_and_aliases_stay()
    {
        NetworkNames.Write(_folder, "c1", s_web);
        NetworkNames.Rename(_folder, "c1", "web", "shop");
        NetworkNames.Rename(_folder, "c2", "web", "shop");
        Assert.Equal(["shop", "front", "0123456789ab"], NetworkNames.TryRead(_folder, "c1")!.Names);
        Assert.Equal(["c1"], NetworkNames.List(_folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("web\naddress 192.0.2.1")]
    [InlineData("\u0007")]
    public void A_name_that_would_be_another_line_is_refused(string name)
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => NetworkNames.Write(_folder, "c1", new NamesRecord { Names = [name] }));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
        Assert.DoesNotContain(refused.Message, char.IsControl);
        Assert.Empty(NetworkNames.List(_folder));
    }

    [Theory]
    [InlineData("../c1")]
    [InlineData("")]
    [InlineData(".c1")]
    public void A_container_id_that_leads_elsewhere_is_refused(string id) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => NetworkNames.Write(_folder, id, s_web)).Kind);

    [Fact]
    public void What_a_newer_program_wrote_is_left_out()
    {
        NamesRecord read = NamesRecord.Read("weight 7\naddress 192.0.2.1\naddress nonsense\nname web\n\nname"u8);
        Assert.Equal(["192.0.2.1"], read.Addresses.Select(one => one.ToString()));
        Assert.Equal(["web"], read.Names);
    }

    [Fact]
    public void A_resolvers_settings_are_read_as_they_were_written()
    {
        ResolverConfig config = new() { Networks = [("front", "/run/rund let/networks/front"), ("back", "/b")], Servers = [IPAddress.Parse("192.0.2.53")], IsInternal = true, OnlyDotted = true };
        config.Write(_folder);
        ResolverConfig read = ResolverConfig.TryRead(_folder)!;
        Assert.Equal(config.Networks, read.Networks);
        Assert.Equal(config.Servers, read.Servers);
        Assert.True(read is { IsInternal: true, OnlyDotted: true });
        ResolverConfig.Remove(_folder);
        ResolverConfig.Remove(_folder);
        Assert.Null(ResolverConfig.TryRead(_folder));
    }

    [Fact]
    public void A_resolvers_settings_with_odd_paths_are_refused()
    {
        ResolverConfig config = new() { Networks = [("front", "/run/\nserver 192.0.2.1")] };
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => config.Write(_folder)).Kind);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
