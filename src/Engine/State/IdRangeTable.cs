using Rundlet.Images.Users;
using Rundlet.Linux;

namespace Rundlet.Engine.State;

/// <summary>Which ids of the host are which container's. A range goes with its container's row; no two overlap but those that share one.</summary>
public sealed class IdRangeTable(Database database)
{
    /// <summary>The ids of a container; null where they are the host's.</summary>
    public IdRange? Of(string container)
    {
        using Statement statement = database.Prepare("SELECT first, size FROM id_ranges WHERE container = ?1");
        statement.Bind(1, container);
        return statement.Next() ? new IdRange((uint)statement.Number(0), (uint)statement.Number(1)) : null;
    }

    /// <summary>Gives a container the first ids that are free.</summary>
    /// <param name="container">The container; it has a row.</param>
    /// <param name="size">How many.</param>
    /// <param name="pool">Out of which.</param>
    /// <exception cref="ContainerException">Unavailable: there are not so many left.</exception>
    public IdRange Reserve(string container, uint size, IdRange pool) => database.Transact(durable: true, () =>
    {
        ulong first = pool.First, end = (ulong)pool.First + pool.Size;
        using (Statement taken = database.Prepare("SELECT first, size FROM id_ranges WHERE first + size > ?1 AND first < ?2 ORDER BY first, size"))
        {
            taken.Bind(1, (long)first).Bind(2, (long)end);
            while (taken.Next() && (ulong)taken.Number(0) < first + size)
                first = Math.Max(first, (ulong)(taken.Number(0) + taken.Number(1)));
        }
        if (first + size > end)
            throw new ContainerException(ContainerErrorKind.Unavailable, $"no {size} ids are left of {pool.First} to {end - 1}") { Hint = "remove containers, or give more in /etc/subuid and /etc/subgid" };
        IdRange range = new((uint)first, size);
        Insert(container, range);
        return range;
    });

    /// <summary>Gives a container the same ids as another.</summary>
    public void Share(string container, IdRange range) => database.Transact(durable: true, () => Insert(container, range));

    private void Insert(string container, IdRange range)
    {
        using Statement statement = database.Prepare("INSERT INTO id_ranges (container, first, size) VALUES (?1, ?2, ?3)");
        statement.Bind(1, container).Bind(2, (long)range.First).Bind(3, (long)range.Size).Next();
    }
}
