using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.State;

/// <summary>A lease as a row that says whose it is: the next <see cref="ImageTable.Sweep"/> after its process has died removes it.</summary>
internal sealed class ImageLease(Database database) : IImageLease
{
    private long? _row;

    /// <inheritdoc/>
    public void Add(IEnumerable<Digest> contents)
    {
        // Noted when it is committed: a row that was rolled back is no lease.
        long row = 0;
        database.Transact(durable: false, () =>
        {
            row = _row ?? Insert();
            foreach (Digest content in contents)
            {
                using Statement add = database.Prepare("INSERT OR IGNORE INTO lease_contents (lease, digest) VALUES (?1, ?2)");
                add.Bind(1, row).Bind(2, content.ToString()).Next();
            }
        });
        _row = row;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_row is not { } row)
            return;
        _row = null;
        try
        {
            database.Transact(durable: false, () => Delete(database, row));
        }
        catch (ContainerException)
        {
            // A full disk, most likely, and the caller has more to say about it: the lease ends with this process at the latest.
        }
    }

    /// <summary>Removes leases of processes that are gone; inside a transaction.</summary>
    public static void RemoveDead(Database database)
    {
        List<long> dead = [];
        using (Statement all = database.Prepare("SELECT lease, pid, start_time FROM leases"))
        {
            while (all.Next())
            {
                if (!new ProcessIdentity((int)all.Number(1), (ulong)all.Number(2)).IsAlive)
                    dead.Add(all.Number(0));
            }
        }
        foreach (long lease in dead)
            Delete(database, lease);
    }

    private long Insert()
    {
        using Statement insert = database.Prepare("INSERT INTO leases (pid, start_time) VALUES (?1, ?2) RETURNING lease");
        insert.Bind(1, ProcessIdentity.Own.Pid).Bind(2, (long)ProcessIdentity.Own.StartTime).Next();
        return insert.Number(0);
    }

    private static void Delete(Database database, long lease)
    {
        using Statement delete = database.Prepare("DELETE FROM leases WHERE lease = ?1");
        delete.Bind(1, lease).Next();
    }
}
