using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

public sealed class DatabaseTests
{
    [Fact]
    public void A_transaction_that_throws_leaves_nothing()
    {
        using TestRoot root = new();
        FactTable facts = new(root.Database);
        facts.Set("before", "1");
        Assert.Throws<InvalidOperationException>(() => root.Database.Transact(durable: false, () =>
        {
            root.Database.Run("INSERT INTO facts VALUES ('inside', '2')");
            throw new InvalidOperationException();
        }));
        Assert.Null(facts["inside"]);
        Assert.Equal("1", facts["before"]);
    }

    [Fact]
    public void What_one_connection_wrote_another_one_reads_without_the_first_being_closed()
    {
        using TestRoot root = new();
        new FactTable(root.Database).Set("name", "value");
        using Database other = Database.Open(root.Paths.StateFile);
        Assert.Equal("value", new FactTable(other)["name"]);
    }

    [Fact]
    public void A_state_file_of_a_newer_version_is_refused_with_the_cure()
    {
        using TestRoot root = new();
        root.Database.Run("PRAGMA user_version = 999");
        var error = Assert.Throws<ContainerException>(() => Database.Open(root.Paths.StateFile));
        Assert.Equal(ContainerErrorKind.Unsupported, error.Kind);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void Many_that_make_the_file_at_once_all_get_it()
    {
        using TestRoot root = new();
        for (int round = 0; round < 5; round++)
        {
            string path = $"{root.Paths.Root}/fresh{round}.db";
            Parallel.For(0, 8, _ =>
            {
                using Database own = Database.Open(path);
                new FactTable(own).Set("name", "value");
            });
        }
    }

    [Fact]
    public void Foreign_keys_are_on_and_the_journal_is_a_write_ahead_log()
    {
        using TestRoot root = new();
        Assert.Equal("1", Ask(root.Database, "PRAGMA foreign_keys"));
        Assert.Equal("wal", Ask(root.Database, "PRAGMA journal_mode"));
    }

    [Fact]
    public void A_full_disk_takes_the_reserve_and_no_later_error_of_another_kind_does()
    {
        using TestRoot root = new();
        string reserve = $"{root.Paths.Root}/{DiskReserve.FileName}";
        Assert.True(File.Exists(reserve));
        root.Database.Run("PRAGMA max_page_count = 1"); // no more than there are
        FactTable facts = new(root.Database);
        Assert.Equal(ContainerErrorKind.Unavailable, Assert.Throws<ContainerException>(() => facts.Set("big", new string('x', 1 << 20))).Kind);
        Assert.False(File.Exists(reserve));
        Database.Open(root.Paths.StateFile).Dispose();
        Assert.True(File.Exists(reserve));
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => new ContainerTable(root.Database).Claim(TestRoot.Record("none"), "start")).Kind);
        Assert.True(File.Exists(reserve));
    }

    private static string Ask(Database database, string sql)
    {
        using Statement statement = database.Prepare(sql);
        Assert.True(statement.Next());
        return statement.Text(0);
    }
}
