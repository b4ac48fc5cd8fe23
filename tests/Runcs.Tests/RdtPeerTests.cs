using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>What runc does with resctrl too: it proves the imitation and what these tests demand.</summary>
public sealed class RdtPeerTests : RdtTest
{
    [Fact]
    [SpecRow("linux.intelRdt.closID", "linux.intelRdt.l3CacheSchema", "linux.intelRdt.memBwSchema")]
    public void A_group_called_as_the_container_is_made_filled_and_removed_again()
    {
        TestContainer container = Sharing("""{"l3CacheSchema": "L3:0=f;1=f0", "memBwSchema": "MB:0=20;1=70"}""");
        container.Create().Good();
        Assert.Equal([container.Id], Resctrl.Groups);
        Assert.Equal(["L3:0=00f;1=0f0", "MB:0=  20;1=  70"], Resctrl.Schemata(container.Id));
        AssertHolds(container, Resctrl.Tasks(container.Id));
        container.Start().Good();
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal([], Resctrl.Groups);
    }

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void Without_any_share_the_group_is_made_all_the_same() => Assert.Equal("x", Sharing("{}").Args("/bin/echo", "x").Output());

    [Fact]
    [SpecRow("linux.intelRdt.closID")]
    public void A_group_that_exists_and_has_what_is_asked_for_is_joined_and_not_changed()
    {
        Resctrl.Make("gold", "L3:0=f");
        TestContainer container = Sharing("""{"closID": "gold", "l3CacheSchema": "L3:0=f;1=fff", "memBwSchema": "MB:0=100;1=100"}""");
        container.Create().Good();
        AssertHolds(container, Resctrl.Tasks("gold"));
        Assert.Equal("L3:0=00f;1=fff", Resctrl.Schemata("gold")[0]);
        container.Runtime("delete", "--force", container.Id).Good();
        if (Resctrl.Groups.Length > 0) // runc 1.1 removes what it did not make
            Directory.Delete($"{Resctrl.MountPoint}/gold");
    }

    [Fact]
    [SpecRow("cli.events")]
    public void Events_show_the_share_and_the_use_as_runc_does()
    {
        TestContainer container = Sharing("""{"l3CacheSchema": "L3:0=f"}""").Args("/bin/sleep", "1000").Up();
        JsonNode events = JsonNode.Parse(container.Runtime("events", "--stats", container.Id).Good().Output)!;
        Assert.Equal(
            """
            {"l3_cache_info":{"cbm_mask":"fff","min_cbm_bits":2,"num_closids":4},"l3_cache_schema_root":"L3:0=fff;1=fff","l3_cache_schema":"L3:0=00f;1=fff",
            "mem_bw_info":{"bandwidth_gran":10,"delay_linear":1,"min_bandwidth":10,"num_closids":4},"mem_bw_schema_root":"MB:0= 100;1= 100","mem_bw_schema":"MB:0= 100;1= 100",
            "mbm_stats":[{"mbm_total_bytes":2000,"mbm_local_bytes":3000},{"mbm_total_bytes":2001,"mbm_local_bytes":0}],"cmt_stats":[{"llc_occupancy":1000},{"llc_occupancy":1001}]}
            """.ReplaceLineEndings(""),
            events["data"]!["intel_rdt"]!.ToJsonString());
    }

    // runc's first process is a grandchild of the one that it moves, and the imitation knows nothing of birth.
    private static void AssertHolds(TestContainer container, int[] tasks)
    {
        if (RuntimeProgram.IsOurs)
            Assert.Equal([container.Pid()], tasks);
        else
            Assert.Single(tasks);
    }
}
