using Rundlet.Linux;

namespace Rundlet.Engine.State;

/// <summary>
/// The rows of volumes, and which container uses which. A volume that is used cannot be removed: the relation's foreign key holds it,
/// in the transaction in which the container gets its row.
/// </summary>
/// <remarks>Whatever meets a claim throws <see cref="BusyVolume"/>; see <see cref="Volumes.VolumeStore"/> for who waits.</remarks>
internal sealed class VolumeTable(Database database)
{
    private const string Columns = "v.name, v.created, v.anonymous, v.labels, v.options, v.claim_pid, v.claim_start, v.claim_purpose, v.moved_from";

    /// <summary>All rows by name.</summary>
    public List<VolumeRecord> List() => Select("FROM volumes v ORDER BY v.name", null);

    /// <summary>The row of a name; null when there is none.</summary>
    public VolumeRecord? Find(string name) => Select("FROM volumes v WHERE v.name = ?1", name) is [var record] ? record : null;

    /// <summary>The volumes of a container.</summary>
    public List<VolumeRecord> OfContainer(string id) =>
        Select("FROM container_volumes u JOIN volumes v ON v.name = u.volume WHERE u.container = ?1 ORDER BY v.name", id);

    /// <summary>The names of the containers that use a volume.</summary>
    public List<string> UsersOf(string name)
    {
        using Statement statement = database.Prepare("SELECT c.name FROM container_volumes u JOIN containers c ON c.id = u.container WHERE u.volume = ?1 ORDER BY c.name");
        statement.Bind(1, name);
        List<string> users = [];
        while (statement.Next())
            users.Add(statement.Text(0));
        return users;
    }

    /// <summary>How many containers use each volume; unused ones are not in it.</summary>
    public Dictionary<string, int> CountUsers()
    {
        using Statement statement = database.Prepare("SELECT volume, count(*) FROM container_volumes GROUP BY volume");
        Dictionary<string, int> users = [];
        while (statement.Next())
            users.Add(statement.Text(0), (int)statement.Number(1));
        return users;
    }

    /// <summary>Adds a row, unless there is one; inside a transaction.</summary>
    /// <returns>The row that was there, or null.</returns>
    public VolumeRecord? Ensure(VolumeRecord wanted)
    {
        if (Find(wanted.Name) is { } existing)
        {
            return existing.Claim is { Purpose: VolumeClaim.Remove or VolumeClaim.Rename } ? throw new BusyVolume(existing) : existing;
        }
        RequireFree(wanted.Name);
        using Statement statement = database.Prepare("INSERT INTO volumes (name, created, anonymous, labels, options) VALUES (?1, ?2, ?3, ?4, ?5)");
        statement.Bind(1, wanted.Name).Bind(2, wanted.Created.ToUnixTimeMilliseconds()).Bind(3, wanted.IsAnonymous ? 1 : 0)
            .Bind(4, JsonText.Of(wanted.Labels)).Bind(5, JsonText.Of(wanted.Options)).Next();
        return null;
    }

    /// <summary>Puts on record that a container uses volumes, and makes rows for those that have none; inside a transaction.</summary>
    /// <returns>The volumes that got rows.</returns>
    /// <exception cref="ContainerException">Conflict: a volume has other options than wanted.</exception>
    public List<string> Use(string container, IReadOnlyList<VolumeUse> uses)
    {
        List<string> made = [];
        foreach (VolumeUse use in uses)
        {
            if (Ensure(use.Volume) is { } existing)
                RequireSame(existing, use.Volume);
            else
                made.Add(use.Volume.Name);
            using Statement statement = database.Prepare("INSERT OR IGNORE INTO container_volumes (container, volume, anonymous) VALUES (?1, ?2, ?3)");
            statement.Bind(1, container).Bind(2, use.Volume.Name).Bind(3, use.IsAnonymous ? 1 : 0).Next();
        }
        return made;
    }

    /// <summary>Refuses options that an existing volume does not have; none ask for nothing.</summary>
    /// <exception cref="ContainerException">Conflict.</exception>
    public static void RequireSame(VolumeRecord existing, VolumeRecord wanted)
    {
        if (wanted.Options.Count == 0 || (wanted.Options.Count == existing.Options.Count && !wanted.Options.Except(existing.Options).Any()))
            return;
        throw new ContainerException(ContainerErrorKind.Conflict, $"volume '{existing.Name}' exists with other options")
        {
            Hint = $"rundlet volume inspect {existing.Name} shows them; choose another name, or remove it first",
        };
    }

    /// <summary>Claims a row for this process.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="purpose">One of the constants of <see cref="VolumeClaim"/>.</param>
    /// <param name="unused">Whether no container may use it.</param>
    /// <exception cref="ContainerException">NotFound: it is gone; Conflict: containers use it.</exception>
    public VolumeRecord Claim(string name, string purpose, bool unused) => database.Transact(durable: false, () =>
    {
        VolumeRecord now = Find(name) ?? throw NotFound(name);
        if (now.Claim is not null)
            throw new BusyVolume(now);
        if (unused)
            RequireUnused(name, purpose);
        SetClaim(name, purpose);
        return now;
    });

    /// <summary>Takes a claim over from a process that is gone.</summary>
    /// <returns>The row; null when it is gone, or somebody else was faster.</returns>
    public VolumeRecord? TakeOver(string name) => database.Transact(durable: false, () =>
    {
        if (Find(name) is not { Claim: { } claim } now || claim.Owner.IsAlive)
            return null;
        SetClaim(name, claim.Purpose);
        return now;
    });

    /// <summary>Claims for removal what a container that goes leaves: volumes without a name that it alone uses. Inside the transaction that removes it, before it does.</summary>
    /// <returns>Their names.</returns>
    public List<string> ClaimLeft(string container)
    {
        List<string> left = [];
        using (Statement statement = database.Prepare(
            """
            SELECT u.volume FROM container_volumes u JOIN volumes v ON v.name = u.volume
            WHERE u.container = ?1 AND u.anonymous AND v.claim_pid IS NULL
                AND NOT EXISTS (SELECT 1 FROM container_volumes o WHERE o.volume = u.volume AND o.container <> ?1)
            """))
        {
            statement.Bind(1, container);
            while (statement.Next())
                left.Add(statement.Text(0));
        }
        foreach (string name in left)
            SetClaim(name, VolumeClaim.Remove);
        return left;
    }

    /// <summary>Gives a claim of this process up.</summary>
    public void Release(string name) => database.Transact(durable: false, () =>
    {
        using Statement statement = database.Prepare("UPDATE volumes SET claim_pid = NULL, claim_start = NULL, claim_purpose = NULL, moved_from = NULL WHERE name = ?1 AND claim_pid = ?2");
        statement.Bind(1, name).Bind(2, ProcessIdentity.Own.Pid).Next();
    });

    /// <summary>Leaves a claim of this process as if it had been killed: the work is not done, and whoever comes next tries again.</summary>
    public void Abandon(string name) => database.Transact(durable: false, () =>
    {
        using Statement statement = database.Prepare("UPDATE volumes SET claim_pid = 0, claim_start = 0 WHERE name = ?1 AND claim_pid = ?2");
        statement.Bind(1, name).Bind(2, ProcessIdentity.Own.Pid).Next();
    });

    /// <summary>Gives a volume another name, and claims it: its folder is to follow.</summary>
    /// <exception cref="ContainerException">NotFound; AlreadyExists: the new name is taken; Conflict: containers use it.</exception>
    public void Rename(string name, string newName) => database.Transact(durable: true, () =>
    {
        VolumeRecord now = Find(name) ?? throw NotFound(name);
        if (now.Claim is not null)
            throw new BusyVolume(now);
        if (Find(newName) is not null)
            throw new ContainerException(ContainerErrorKind.AlreadyExists, $"there is a volume '{newName}' already");
        RequireFree(newName);
        RequireUnused(name, VolumeClaim.Rename);
        using Statement statement = database.Prepare("UPDATE volumes SET name = ?2, moved_from = ?1, anonymous = 0 WHERE name = ?1");
        statement.Bind(1, name).Bind(2, newName).Next();
        SetClaim(newName, VolumeClaim.Rename);
    });

    /// <summary>Removes a row whose files are gone.</summary>
    public void Delete(string name) => database.Transact(durable: true, () =>
    {
        using Statement statement = database.Prepare("DELETE FROM volumes WHERE name = ?1");
        statement.Bind(1, name).Next();
    });

    /// <summary>The error for a name that no volume has.</summary>
    public ContainerException NotFound(string name) => new(ContainerErrorKind.NotFound, $"no such volume '{name}'")
    {
        Hint = Nearest.Of(name, List().Select(volume => volume.Name)) is { } near ? $"did you mean '{near}'?" : "rundlet volume ls lists what there is",
    };

    private void RequireUnused(string name, string purpose)
    {
        if (UsersOf(name) is not { Count: > 0 } users)
            return;
        throw new ContainerException(ContainerErrorKind.Conflict, $"cannot {purpose} volume '{name}': in use by {string.Join(", ", users.Select(user => $"'{user}'"))}")
        {
            Hint = $"remove {(users.Count == 1 ? "that container" : "those containers")} first: rundlet rm {string.Join(' ', users)}",
        };
    }

    // A folder that is still to follow its volume to a new name has this one.
    private void RequireFree(string name)
    {
        if (Select("FROM volumes v WHERE v.moved_from = ?1", name) is [var moving, ..])
            throw new BusyVolume(moving);
    }

    private void SetClaim(string name, string purpose)
    {
        using Statement statement = database.Prepare("UPDATE volumes SET claim_pid = ?2, claim_start = ?3, claim_purpose = ?4 WHERE name = ?1");
        statement.Bind(1, name).Bind(2, ProcessIdentity.Own.Pid).Bind(3, (long)ProcessIdentity.Own.StartTime).Bind(4, purpose).Next();
    }

    private List<VolumeRecord> Select(string rest, string? parameter)
    {
        using Statement statement = database.Prepare($"SELECT {Columns} {rest}");
        if (parameter is not null)
            statement.Bind(1, parameter);
        List<VolumeRecord> records = [];
        while (statement.Next())
            records.Add(Read(statement));
        return records;
    }

    private static VolumeRecord Read(Statement row) => new()
    {
        Name = row.Text(0),
        Created = DateTimeOffset.FromUnixTimeMilliseconds(row.Number(1)),
        IsAnonymous = row.Number(2) != 0,
        Labels = JsonText.ToMap(row.Text(3)),
        Options = JsonText.ToMap(row.Text(4)),
        Claim = row.NumberOrNull(5) is { } pid ? new VolumeClaim(new ProcessIdentity((int)pid, (ulong)row.Number(6)), row.Text(7)) : null,
        MovedFrom = row.TextOrNull(8),
    };
}
