using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

public sealed class ContainerTableTests
{
    [Fact]
    public void A_name_is_given_once_and_the_error_says_who_has_it()
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        table.Insert(TestRoot.Record("web", 'a'), "create");
        var error = Assert.Throws<ContainerException>(() => table.Insert(TestRoot.Record("web", 'b'), "create"));
        Assert.Equal(ContainerErrorKind.AlreadyExists, error.Kind);
        Assert.Contains("aaaaaaaaaaaa", error.Message);
        Assert.Single(table.List());
    }

    [Fact]
    public void Two_connections_at_once_cannot_give_a_name_twice()
    {
        using TestRoot root = new();
        int won = 0;
        Parallel.For(0, 8, i =>
        {
            using Database database = Database.Open(root.Paths.StateFile);
            try
            {
                new ContainerTable(database).Insert(TestRoot.Record("web", (char)('0' + i)), "create");
                Interlocked.Increment(ref won);
            }
            catch (ContainerException e) when (e.Kind == ContainerErrorKind.AlreadyExists)
            {
                // seven of eight end here
            }
        });
        Assert.Equal(1, won);
    }

    [Theory]
    [InlineData("web")]
    [InlineData("aaaa")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_container_is_found_by_name_and_by_the_beginning_of_its_id(string reference)
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        table.Insert(TestRoot.Record("web", 'a'), "create");
        table.Insert(TestRoot.Record("other", 'b'), "create");
        Assert.Equal("web", table.Get(reference).Name);
    }

    [Fact]
    public void A_name_wins_over_the_beginning_of_an_id()
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        table.Insert(TestRoot.Record("bbb", 'a'), "create");
        table.Insert(TestRoot.Record("other", 'b'), "create");
        Assert.Equal(new string('a', 64), table.Get("bbb").Id);
    }

    [Fact]
    public void The_beginning_of_two_ids_is_refused()
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        table.Insert(TestRoot.Record("one") with { Id = "abc1" + new string('0', 60) }, "create");
        table.Insert(TestRoot.Record("two") with { Id = "abc2" + new string('0', 60) }, "create");
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => table.Get("abc")).Kind);
        Assert.Equal("two", table.Get("abc2").Name);
    }

    [Fact]
    public void A_missing_container_is_reported_with_the_name_that_was_meant()
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        table.Insert(TestRoot.Record("database"), "create");
        var error = Assert.Throws<ContainerException>(() => table.Get("datbase"));
        Assert.Equal(ContainerErrorKind.NotFound, error.Kind);
        Assert.Contains("'database'", error.Hint);
    }

    [Fact]
    public void A_claim_of_a_live_process_keeps_others_out_and_that_of_a_dead_one_does_not()
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        ContainerRecord record = TestRoot.Record("web");
        table.Insert(record, "create");
        // pid 1 lives, but not with this start time; the second one is this machine's init as it is
        SetClaim(root, 1, 0);
        table.Claim(record, "remove");
        Assert.Equal(ProcessIdentity.Own, table.Find(record.Id)!.Claim!.Owner);
        SetClaim(root, 1, (long)Linux.Proc.ProcStat.Read(1).StartTime);
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => table.Claim(record, "remove")).Kind);
    }

    [Fact]
    public void A_released_claim_is_gone_and_only_its_owner_releases_it()
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        ContainerRecord record = TestRoot.Record("web");
        table.Insert(record, "create");
        Assert.Single(table.Claimed());
        SetClaim(root, 1, 7);
        table.Release(record.Id);
        Assert.Single(table.Claimed());
        table.Claim(record, "start");
        table.Release(record.Id);
        Assert.Empty(table.Claimed());
    }

    private static void SetClaim(TestRoot root, int pid, long start) =>
        root.Database.Run($"UPDATE containers SET claim_pid = {pid}, claim_start = {start}, claim_purpose = 'create'");
}
