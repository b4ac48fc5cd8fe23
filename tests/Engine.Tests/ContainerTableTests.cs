using Rundlet.Engine.Options;
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

    [Fact]
    public void A_level_that_was_drawn_for_one_container_is_no_others()
    {
        using TestRoot root = new();
        ContainerTable table = new(root.Database);
        ContainerRecord Labelled(string name, char digit, string level) =>
            TestRoot.Record(name, digit) with { Options = OptionsJson.Write(new ContainerOptions { Image = "x", Security = new SecurityOptions { Selinux = new SelinuxOptions { Level = level } } }) };
        table.Insert(Labelled("web", 'a', "s0:c1,c20"), "create", [], [], [], "s0:c1,c20");
        Assert.Throws<TakenLevel>(() => table.Insert(Labelled("other", 'b', "s0:c1,c20"), "create", [], [], [], "s0:c1,c20"));
        Assert.Single(table.List());
        table.Insert(Labelled("other", 'b', "s0:c1,c2"), "create", [], [], [], "s0:c1,c2");
        table.Insert(Labelled("asked for", 'c', "s0:c1,c20"), "create", [], []); // by its user, who may
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

    [Fact]
    public void A_claim_keeps_out_other_threads_of_the_same_process_until_it_is_given_up()
    {
        using TestRoot root = new();
        ContainerTable one = new(root.Database), two = new(root.Database);
        ContainerRecord record = TestRoot.Record("web");
        one.Insert(record, "create");
        one.Claim(record, "start"); // the same one may change its mind
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => two.Claim(record, "remove")).Kind);
        two.Release(record.Id);
        Assert.Equal("start", one.Find(record.Id)!.Claim!.Purpose);
        one.Release(record.Id);
        two.Claim(record, "remove");
        Assert.Throws<ContainerException>(() => one.Claim(record, "start"));
    }

    [Fact]
    public void Of_many_threads_one_at_a_time_has_the_claim()
    {
        using TestRoot root = new();
        ContainerRecord record = TestRoot.Record("web");
        ContainerTable first = new(root.Database);
        first.Insert(record, "create");
        first.Release(record.Id);
        int inside = 0, most = 0, turns = 0;
        Parallel.For(0, 4, _ =>
        {
            using Database database = Database.Open(root.Paths.StateFile);
            ContainerTable table = new(database);
            for (int done = 0; done < 25;)
            {
                try
                {
                    table.Claim(record, "start");
                }
                catch (ContainerException e) when (e.Kind == ContainerErrorKind.Conflict)
                {
                    Thread.Yield();
                    continue;
                }
                InterlockedMax(ref most, Interlocked.Increment(ref inside));
                Interlocked.Increment(ref turns);
                Interlocked.Decrement(ref inside);
                table.Release(record.Id);
                done++;
            }
        });
        Assert.Equal((1, 100), (most, turns));

        static void InterlockedMax(ref int most, int value)
        {
            int seen = Volatile.Read(ref most);
            while (value > seen)
                seen = Interlocked.CompareExchange(ref most, value, seen) is var now && now == seen ? value : now;
        }
    }

    [Fact]
    public void What_an_engine_had_claimed_when_it_was_closed_is_left_for_the_next_though_the_process_lives()
    {
        if (Environment.UserName != "root")
            Assert.Skip("needs root");
        using TestRoot root = new();
        ContainerRecord record = TestRoot.Record("web");
        using (ContainerEngine engine = ContainerEngine.Open(root.Paths, null))
            engine.Containers.Insert(record, "start");
        ContainerClaim claim = new ContainerTable(root.Database).Find(record.Id)!.Claim!;
        Assert.Equal((true, false, "start"), (claim.IsAbandoned, claim.Owner.IsAlive, claim.Purpose));
        using ContainerEngine next = ContainerEngine.Open(root.Paths, null);
        Assert.Null(next.Containers.Find(record.Id)!.Claim);
    }

    [Theory]
    [InlineData("claim_pid IS NOT NULL", "containers_by_claim")]
    [InlineData("auto_remove = 1", "containers_passing")]
    public void What_each_command_looks_for_first_is_found_without_reading_every_row(string condition, string index)
    {
        using TestRoot root = new();
        using Statement plan = root.Database.Prepare($"EXPLAIN QUERY PLAN SELECT id FROM containers WHERE {condition} ORDER BY created DESC, id");
        Assert.True(plan.Next());
        Assert.Contains(index, plan.Text(3));
    }

    private static void SetClaim(TestRoot root, int pid, long start) =>
        root.Database.Run($"UPDATE containers SET claim_pid = {pid}, claim_start = {start}, claim_purpose = 'create'");
}
