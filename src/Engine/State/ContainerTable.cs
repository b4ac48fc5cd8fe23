using Rundlet.Linux;

namespace Rundlet.Engine.State;

/// <summary>The rows of containers. Who changes a container claims its row first; see <see cref="ContainerClaim"/>.</summary>
/// <remarks>A claim is this object's: another one, of another process or of another thread of this one, is kept out until it is given up.</remarks>
public sealed class ContainerTable(Database database)
{
    private const string Columns = "id, name, image, image_id, command, created, auto_remove, options, claim_pid, claim_start, claim_purpose, manifest, claim_holder";

    private static long s_holders;

    private readonly HashSet<string> _claimed = [];

    /// <summary>The number of this object, of all of the process.</summary>
    public long Holder { get; } = Interlocked.Increment(ref s_holders);

    /// <summary>Adds a row, claimed.</summary>
    /// <param name="record">The row.</param>
    /// <param name="purpose">What the claim is for.</param>
    /// <param name="volumes">The volumes that it uses; those that there are not get rows.</param>
    /// <returns>The volumes that got rows.</returns>
    /// <exception cref="ContainerException">AlreadyExists: the name is taken; Conflict: a volume has other options than wanted.</exception>
    /// <exception cref="BusyVolume">A volume is just being removed or renamed.</exception>
    public IReadOnlyList<string> Insert(ContainerRecord record, string purpose, params IReadOnlyList<VolumeUse> volumes) => Insert(record, purpose, [], volumes);

    /// <inheritdoc cref="Insert(ContainerRecord, string, IReadOnlyList{VolumeUse})"/>
    /// <param name="record">The row.</param>
    /// <param name="purpose">What the claim is for.</param>
    /// <param name="endpoints">The networks that it is on; none for the default one alone.</param>
    /// <param name="volumes">The volumes that it uses; those that there are not get rows.</param>
    /// <param name="images">The manifests of images that are mounted in it.</param>
    /// <param name="level">The SELinux level in its options that was drawn for it alone; null for none.</param>
    /// <exception cref="BusyNetwork">A network is just being made or removed.</exception>
    /// <exception cref="TakenLevel">Another container has that level.</exception>
    public IReadOnlyList<string> Insert(ContainerRecord record, string purpose, IReadOnlyList<EndpointRecord> endpoints, IReadOnlyList<VolumeUse> volumes, IReadOnlyList<string>? images = null, string? level = null) => database.Transact(durable: !record.AutoRemove, () =>
    {
        if (level is not null && HasLevel(level))
            throw new TakenLevel();
        using Statement statement = database.Prepare($"INSERT INTO containers ({Columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        statement.Bind(1, record.Id).Bind(2, record.Name).Bind(3, record.Image).Bind(4, record.ImageId).Bind(5, record.Command)
            .Bind(6, record.Created.ToUnixTimeMilliseconds()).Bind(7, record.AutoRemove ? 1 : 0).Bind(8, record.Options)
            .Bind(9, ProcessIdentity.Own.Pid).Bind(10, (long)ProcessIdentity.Own.StartTime).Bind(11, purpose).Bind(12, record.Manifest)
            .Bind(13, Holder);
        try
        {
            statement.Next();
            _claimed.Add(record.Id);
            Hold(record.Id, images ?? []);
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.AlreadyExists)
        {
            throw Taken(record.Name, "choose another --name");
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.NotFound)
        {
            throw new ContainerException(ContainerErrorKind.NotFound, $"image '{record.Image}', or one that is to be mounted, was removed meanwhile");
        }
        if (endpoints.Count > 0)
            new NetworkTable(database).Put(record.Id, endpoints);
        return volumes.Count > 0 ? new VolumeTable(database).Use(record.Id, volumes) : (IReadOnlyList<string>)[];
    });

    /// <summary>Finds a container by its name, its id, or the beginning of its id.</summary>
    /// <exception cref="ContainerException">NotFound, or InvalidArgument for a beginning that several ids have.</exception>
    public ContainerRecord Get(string reference)
    {
        if (TryGetExact(reference) is { } exact)
            return exact;
        if (reference.Length > 0 && reference.AsSpan().ContainsAnyExceptInRange('0', 'f') == false)
        {
            // 'g' sorts right behind 'f', the last digit
            List<ContainerRecord> matches = Select("id >= ?1 AND id < ?1 || 'g'", reference);
            if (matches.Count == 1)
                return matches[0];
            if (matches.Count > 1)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{reference}' is the beginning of several ids") { Hint = "write more of it" };
        }
        string? near = Nearest.Of(reference, List().Select(record => record.Name));
        throw new ContainerException(ContainerErrorKind.NotFound, $"no such container '{reference}'")
        {
            Hint = near is null ? "rundlet ps -a lists all containers" : $"did you mean '{near}'?",
        };
    }

    /// <summary>As <see cref="Get"/>; null where that fails.</summary>
    public ContainerRecord? TryGet(string reference)
    {
        try
        {
            return Get(reference);
        }
        catch (ContainerException e) when (e.Kind is ContainerErrorKind.NotFound or ContainerErrorKind.InvalidArgument)
        {
            return null;
        }
    }

    /// <summary>The row of an id; null when there is none.</summary>
    public ContainerRecord? Find(string id) => First("id = ?1", id);

    /// <summary>All rows, the newest first.</summary>
    public List<ContainerRecord> List() => Select("1", null);

    /// <summary>Rows that somebody claims, or claimed and died.</summary>
    public List<ContainerRecord> Claimed() => Select("claim_pid IS NOT NULL", null);

    /// <summary>Rows of containers that go when they end.</summary>
    public List<ContainerRecord> Passing() => Select("auto_remove = 1", null);

    /// <summary>Claims a row; one that this object has claimed already gets another purpose.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone; Conflict: somebody else has it.</exception>
    public void Claim(ContainerRecord record, string purpose) => database.Transact(durable: false, () =>
    {
        ContainerRecord now = Find(record.Id) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no such container '{record.Name}'");
        if (now.Claim is { } claim && claim.Owner.IsAlive && (claim.Owner != ProcessIdentity.Own || claim.Holder != Holder))
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is busy: process {claim.Owner.Pid} is at '{claim.Purpose}'") { Hint = "try again" };
        SetClaim(record.Id, ProcessIdentity.Own, purpose);
        _claimed.Add(record.Id);
    });

    /// <summary>Gives the claim up.</summary>
    public void Release(string id)
    {
        database.Transact(durable: false, () =>
        {
            using Statement statement = database.Prepare(
                "UPDATE containers SET claim_pid = NULL, claim_start = NULL, claim_purpose = NULL, claim_holder = NULL WHERE id = ?1 AND claim_pid = ?2 AND claim_holder = ?3");
            statement.Bind(1, id).Bind(2, ProcessIdentity.Own.Pid).Bind(3, Holder).Next();
        });
        _claimed.Remove(id);
    }

    /// <summary>Leaves a claim of this object as if the process had been killed: the work is not done, and whoever comes next tries again.</summary>
    public void Abandon(string id)
    {
        database.Transact(durable: false, () =>
        {
            if (Find(id) is { Claim: { } claim } && claim.Owner == ProcessIdentity.Own && claim.Holder == Holder)
                SetClaim(id, default, claim.Purpose);
        });
        _claimed.Remove(id);
    }

    /// <summary>The same for all that it has: a process that goes on must not keep what no thread of it is at.</summary>
    internal void AbandonAll()
    {
        foreach (string id in _claimed.ToArray())
            Abandon(id);
    }

    /// <summary>Gives a container another name. The caller has the claim.</summary>
    /// <exception cref="ContainerException">AlreadyExists: the name is taken.</exception>
    public void Rename(ContainerRecord record, string name) => database.Transact(durable: true, () =>
    {
        using Statement statement = database.Prepare("UPDATE containers SET name = ?2 WHERE id = ?1");
        try
        {
            statement.Bind(1, record.Id).Bind(2, name).Next();
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.AlreadyExists)
        {
            throw Taken(name, "choose another name");
        }
    });

    /// <summary>Keeps other options for a container. The caller has the claim.</summary>
    public void SetOptions(ContainerRecord record, string options) => database.Transact(durable: true, () =>
    {
        using Statement statement = database.Prepare("UPDATE containers SET options = ?2 WHERE id = ?1");
        statement.Bind(1, record.Id).Bind(2, options).Next();
    });

    /// <summary>Keeps other networks for a container, and the options that go with them. The caller has the claim.</summary>
    /// <exception cref="ContainerException">NotFound: a network is gone.</exception>
    /// <exception cref="BusyNetwork">A network is just being made or removed.</exception>
    public void SetNetworks(ContainerRecord record, string options, IReadOnlyList<EndpointRecord> endpoints) => database.Transact(durable: !record.AutoRemove, () =>
    {
        using Statement statement = database.Prepare("UPDATE containers SET options = ?2 WHERE id = ?1");
        statement.Bind(1, record.Id).Bind(2, options).Next();
        new NetworkTable(database).Put(record.Id, endpoints);
    });

    /// <summary>Removes a row; after this its name is free.</summary>
    /// <param name="record">The row.</param>
    /// <param name="withVolumes">Whether the volumes without a name go that it alone used.</param>
    /// <returns>These volumes, claimed by this process: their files are to be removed.</returns>
    public IReadOnlyList<string> Delete(ContainerRecord record, bool withVolumes = false)
    {
        IReadOnlyList<string> volumes = database.Transact(durable: !record.AutoRemove, () =>
        {
            IReadOnlyList<string> left = withVolumes ? new VolumeTable(database).ClaimLeft(record.Id) : [];
            using Statement statement = database.Prepare("DELETE FROM containers WHERE id = ?1");
            statement.Bind(1, record.Id).Next();
            return left;
        });
        _claimed.Remove(record.Id);
        return volumes;
    }

    private void Hold(string id, IReadOnlyList<string> images)
    {
        foreach (string manifest in images)
        {
            using Statement statement = database.Prepare("INSERT INTO container_images (container, manifest) VALUES (?1, ?2)");
            statement.Bind(1, id).Bind(2, manifest).Next();
        }
    }

    private bool HasLevel(string level)
    {
        using Statement statement = database.Prepare("SELECT 1 FROM containers WHERE instr(options, ?1) > 0");
        return statement.Bind(1, $"\"level\":\"{level}\"").Next();
    }

    private void SetClaim(string id, ProcessIdentity owner, string purpose)
    {
        using Statement statement = database.Prepare("UPDATE containers SET claim_pid = ?2, claim_start = ?3, claim_purpose = ?4, claim_holder = ?5 WHERE id = ?1");
        statement.Bind(1, id).Bind(2, owner.Pid).Bind(3, (long)owner.StartTime).Bind(4, purpose).Bind(5, Holder).Next();
    }

    // docker's inspect shows names with a slash before them.
    private ContainerRecord? TryGetExact(string reference) => First("name = ?1 OR id = ?1", reference.StartsWith('/') ? reference[1..] : reference);

    private ContainerException Taken(string name, string cure) =>
        new(ContainerErrorKind.AlreadyExists, $"the name '{name}' is already taken by container '{First("name = ?1", name)?.ShortId}'")
        {
            Hint = $"{cure}, or remove that one: rundlet rm -f {name}",
        };

    private ContainerRecord? First(string condition, string parameter) => Select(condition, parameter) is [var record, ..] ? record : null;

    private List<ContainerRecord> Select(string condition, string? parameter)
    {
        using Statement statement = database.Prepare($"SELECT {Columns} FROM containers WHERE {condition} ORDER BY created DESC, id");
        if (parameter is not null)
            statement.Bind(1, parameter);
        List<ContainerRecord> records = [];
        while (statement.Next())
            records.Add(Read(statement));
        return records;
    }

    private static ContainerRecord Read(Statement row) => new()
    {
        Id = row.Text(0),
        Name = row.Text(1),
        Image = row.Text(2),
        ImageId = row.Text(3),
        Command = row.Text(4),
        Created = DateTimeOffset.FromUnixTimeMilliseconds(row.Number(5)),
        AutoRemove = row.Number(6) != 0,
        Options = row.Text(7),
        Manifest = row.TextOrNull(11),
        Claim = row.NumberOrNull(8) is { } pid ? new ContainerClaim(new ProcessIdentity((int)pid, (ulong)row.Number(9)), row.NumberOrNull(12) ?? 0, row.Text(10)) : null,
    };
}
