using Rundlet.Dns.Names;

namespace Rundlet.Dns.Tests;

/// <summary>What a resolver answers by itself.</summary>
public sealed class OwnNameTests
{
    [Theory]
    [InlineData("web", "A", "A 5 172.30.0.2")]
    [InlineData("WeB", "A", "A 5 172.30.0.2")]
    [InlineData("web.front", "A", "A 5 172.30.0.2")]
    [InlineData("shop.example", "A", "A 5 172.30.0.2")]
    [InlineData("0123456789ab", "AAAA", "AAAA 5 fd00::2")]
    [InlineData("web", "ANY", "A 5 172.30.0.2,AAAA 5 fd00::2")]
    [InlineData("web", "MX", "")]
    [InlineData("four", "AAAA", "")]
    [InlineData("2.0.30.172.in-addr.arpa", "PTR", "PTR 5 web.front")]
    [InlineData("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "PTR", "PTR 5 web.front")]
    public void A_name_is_answered_with_what_it_has(string name, string type, string records)
    {
        using TestResolver resolver = new();
        resolver.Add("c1", ["Web", "shop.example", "0123456789ab"], "172.30.0.2", "fd00::2");
        resolver.Add("c2", ["four"], "172.30.0.4");
        Message answer = resolver.Ask(name, type);
        Assert.Equal((0, 0x1234, name), (answer.Rcode, answer.Id, answer.Question));
        Assert.Equal(records, string.Join(',', answer.Records));
        Assert.Equal(answer.Bytes, resolver.AskStream(Message.Query(name, type)).Single().Bytes);
    }

    [Fact]
    public void Containers_with_one_alias_take_turns()
    {
        using TestResolver resolver = new();
        for (int i = 1; i <= 3; i++)
            resolver.Add($"c{i}", ["api"], $"172.30.0.{i}");
        List<string> firsts = [.. Enumerable.Range(0, 6).Select(_ => resolver.Ask("api").Addresses[0])];
        Assert.Equal(3, firsts.Distinct().Count());
        Assert.Equal(firsts[..3], firsts[3..]);
        Assert.Equal(["172.30.0.1", "172.30.0.2", "172.30.0.3"], resolver.Ask("api").Addresses.Order());
    }

    [Fact]
    public void Changes_are_seen_with_the_next_question()
    {
        using TestResolver resolver = new();
        Assert.Equal(2, resolver.Ask("web").Rcode);
        for (int i = 1; i < 50; i++)
        {
            resolver.Add("c1", ["web"], $"172.30.0.{i}");
            Assert.Equal([$"172.30.0.{i}"], resolver.Ask("web").Addresses);
        }
        NetworkNames.Rename(resolver.NetworkFolder, "c1", "web", "shop");
        Assert.Equal(["172.30.0.49"], resolver.Ask("shop").Addresses);
        Assert.Equal(2, resolver.Ask("web").Rcode);
        NetworkNames.Remove(resolver.NetworkFolder, "c1");
        Assert.Equal(2, resolver.Ask("shop").Rcode);
    }

    [Fact]
    public void Who_has_ended_is_not_answered_for()
    {
        using TestResolver resolver = new();
        resolver.Ended.Add("c1");
        resolver.Add("c1", ["api", "old"], "172.30.0.1");
        resolver.Add("c2", ["api"], "172.30.0.2");
        Assert.Equal(["172.30.0.2"], resolver.Ask("api").Addresses);
        Assert.Empty(resolver.Ask("old").Addresses);
    }

    [Fact]
    public void More_addresses_than_fit_are_cut_and_all_come_by_tcp()
    {
        using TestResolver resolver = new();
        for (int i = 0; i < 200; i++)
            resolver.Add($"c{i:d3}", ["api"], $"172.30.1.{i}");
        Message plain = resolver.Ask("api"), extended = resolver.Ask("api", edns: 1232);
        Assert.True(plain.IsTruncated && plain.Bytes.Length is > 480 and <= 512);
        Assert.True(extended.IsTruncated && extended.Bytes.Length is > 1200 and <= 1232);
        Message whole = resolver.AskStream(Message.Query("api")).Single();
        Assert.Equal((false, 200), (whole.IsTruncated, whole.Addresses.Distinct().Count()));
    }

    [Fact]
    public void Edns_is_answered_with_edns_and_an_unknown_version_with_ours()
    {
        using TestResolver resolver = new();
        resolver.Add("c1", ["web"], "172.30.0.2");
        Assert.Equal(["A 5 172.30.0.2", "OPT 4096 0"], resolver.Ask("web", edns: 1232).Records);
        Assert.Equal(["OPT 4096 1"], resolver.Ask(Message.Query("web", edns: 1232, ednsVersion: 1)).Records); // 16 is 1 and 0
    }

    [Theory]
    [InlineData("AXFR", 0, 5)]
    [InlineData("A", 0x10, 4)] // another operation
    public void What_is_no_lookup_is_refused(string type, int flags, int rcode)
    {
        using TestResolver resolver = new();
        byte[] query = Message.Query("web", type);
        query[2] |= (byte)flags;
        Assert.Equal(rcode, resolver.Ask(query).Rcode);
    }

    [Fact]
    public void A_resolver_that_knows_all_denies_the_rest()
    {
        using TestResolver resolver = new();
        resolver.Names.IsAll = true;
        resolver.Add("c1", ["web"], "172.30.0.2");
        Assert.Equal(3, resolver.Ask("example.org").Rcode);
        Assert.Equal(["172.30.0.2"], resolver.Ask("web.front").Addresses);
    }

    [Fact]
    public void A_thousand_containers_are_found()
    {
        using TestResolver resolver = new();
        for (int i = 0; i < 1000; i++)
            resolver.Add($"c{i}", [$"web{i}", $"alias{i}"], $"10.1.{i / 256}.{i % 256}");
        Assert.Equal(["10.1.3.231"], resolver.Ask("alias999").Addresses);
    }
}
