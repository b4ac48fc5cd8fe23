using System.Text.Json;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Engine.State;

/// <summary>
/// The rows of networks, and which container is on which. A network that a container is on cannot be removed, whether that runs or not: the
/// relation's foreign key holds it. A container that is on the default network alone, and in no particular way, has no row there: most
/// containers are, and their start needs none.
/// </summary>
/// <remarks>Whatever meets a claim throws <see cref="BusyNetwork"/>; see <see cref="NetworkStore"/> for who waits.</remarks>
internal sealed class NetworkTable(Database database)
{
    private const string Columns = "n.id, n.name, n.driver, n.created, n.definition, n.labels, n.claim_pid, n.claim_start, n.claim_purpose";

    /// <summary>All rows by name, the built-in networks too.</summary>
    public List<NetworkRecord> List() => Select("FROM networks n ORDER BY n.name", null);

    /// <summary>The row of an id; null when there is none.</summary>
    public NetworkRecord? Find(string id) => Select("FROM networks n WHERE n.id = ?1", id) is [var record] ? record : null;

    /// <summary>Finds a network by its name, its id, or the beginning of its id.</summary>
    /// <exception cref="ContainerException">NotFound, or InvalidArgument for a beginning that several ids have.</exception>
    public NetworkRecord Get(string reference)
    {
        // A name comes before an id that is the same.
        if (Select("FROM networks n WHERE n.name = ?1 OR n.id = ?1 ORDER BY n.name = ?1 DESC", reference) is [var exact, ..])
            return exact;
        if (reference.Length > 0 && reference.AsSpan().ContainsAnyExcept("0123456789abcdef") == false)
        {
            // 'g' sorts right behind 'f', the last digit
            List<NetworkRecord> matches = Select("FROM networks n WHERE n.id >= ?1 AND n.id < ?1 || 'g'", reference);
            if (matches.Count == 1)
                return matches[0];
            if (matches.Count > 1)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{reference}' is the beginning of several network ids") { Hint = "write more of it" };
        }
        throw NotFound(reference);
    }

    /// <summary>The containers on a network by name: their ids and names.</summary>
    public List<(string Id, string Name)> UsersOf(string id)
    {
        using Statement statement = database.Prepare("SELECT c.id, c.name FROM container_networks u JOIN containers c ON c.id = u.container WHERE u.network = ?1 ORDER BY c.name");
        statement.Bind(1, id);
        List<(string, string)> users = [];
        while (statement.Next())
            users.Add((statement.Text(0), statement.Text(1)));
        return users;
    }

    /// <summary>Ids of networks that have containers.</summary>
    public HashSet<string> Used()
    {
        using Statement statement = database.Prepare("SELECT DISTINCT network FROM container_networks");
        HashSet<string> used = [];
        while (statement.Next())
            used.Add(statement.Text(0));
        return used;
    }

    /// <summary>Adds a row, claimed by this process. Inside a transaction.</summary>
    /// <exception cref="ContainerException">AlreadyExists: the name is taken.</exception>
    public void Insert(NetworkRecord record)
    {
        RequireFree(record.Name);
        using Statement statement = database.Prepare(
            "INSERT INTO networks (id, name, driver, created, definition, labels, claim_pid, claim_start, claim_purpose) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        statement.Bind(1, record.Id).Bind(2, record.Name).Bind(3, record.Driver).Bind(4, record.Created.ToUnixTimeMilliseconds())
            .Bind(5, JsonSerializer.Serialize(record.Options, NoteJson.Default.NetworkOptions)).Bind(6, JsonText.Of(record.Labels))
            .Bind(7, ProcessIdentity.Own.Pid).Bind(8, (long)ProcessIdentity.Own.StartTime).Bind(9, NetworkClaim.Create).Next();
    }

    /// <summary>Refuses a name that a network has. Inside a transaction.</summary>
    /// <exception cref="ContainerException">AlreadyExists.</exception>
    public void RequireFree(string name)
    {
        if (Select("FROM networks n WHERE n.name = ?1", name) is not [var other])
            return;
        throw other.Claim is null
            ? new ContainerException(ContainerErrorKind.AlreadyExists, $"network with name '{name}' already exists") { Hint = $"rundlet network inspect {name} shows it; choose another name, or remove it first" }
            : new BusyNetwork(other);
    }

    /// <summary>Claims a row for this process, to remove it.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone; Conflict: containers are on it.</exception>
    public NetworkRecord ClaimRemoval(string id) => database.Transact(durable: false, () =>
    {
        NetworkRecord now = Find(id) ?? throw NotFound(id);
        if (now.Claim is not null)
            throw new BusyNetwork(now);
        if (UsersOf(id) is { Count: > 0 } users)
        {
            throw new ContainerException(ContainerErrorKind.Conflict, $"cannot remove network '{now.Name}': in use by {string.Join(", ", users.Select(user => $"'{user.Name}'"))}")
            {
                Hint = $"take {(users.Count == 1 ? "that container" : "those containers")} off it first: rundlet network disconnect {now.Name} {users[0].Name}",
            };
        }
        SetClaim(id, NetworkClaim.Remove);
        return now;
    });

    /// <summary>Takes a claim over from a process that is gone. What was being made is then to be removed.</summary>
    /// <returns>The row; null when it is gone, or somebody else was faster.</returns>
    public NetworkRecord? TakeOver(string id) => database.Transact(durable: false, () =>
    {
        if (Find(id) is not { Claim: { } claim } now || claim.Owner.IsAlive)
            return null;
        SetClaim(id, NetworkClaim.Remove);
        return now;
    });

    /// <summary>Gives a claim of this process up.</summary>
    public void Release(string id) => database.Transact(durable: true, () =>
    {
        using Statement statement = database.Prepare("UPDATE networks SET claim_pid = NULL, claim_start = NULL, claim_purpose = NULL WHERE id = ?1 AND claim_pid = ?2");
        statement.Bind(1, id).Bind(2, ProcessIdentity.Own.Pid).Next();
    });

    /// <summary>Leaves a claim of this process as if it had been killed: whoever comes next tries again.</summary>
    public void Abandon(string id) => database.Transact(durable: false, () =>
    {
        using Statement statement = database.Prepare("UPDATE networks SET claim_pid = 0, claim_start = 0 WHERE id = ?1 AND claim_pid = ?2");
        statement.Bind(1, id).Bind(2, ProcessIdentity.Own.Pid).Next();
    });

    /// <summary>Removes a row.</summary>
    public void Delete(string id) => database.Transact(durable: true, () =>
    {
        using Statement statement = database.Prepare("DELETE FROM networks WHERE id = ?1");
        statement.Bind(1, id).Next();
    });

    /// <summary>The networks of a container, in order; none for one that is on the default network alone, or on none.</summary>
    public List<EndpointRecord> OfContainer(string container)
    {
        using Statement statement = database.Prepare($"SELECT {Columns}, u.endpoint FROM container_networks u JOIN networks n ON n.id = u.network WHERE u.container = ?1 ORDER BY u.position");
        statement.Bind(1, container);
        List<EndpointRecord> endpoints = [];
        while (statement.Next())
        {
            EndpointOptions settings = JsonSerializer.Deserialize(statement.Text(9), EngineJson.Default.EndpointOptions)
                ?? throw new ContainerException(ContainerErrorKind.Internal, $"the endpoints of container '{container}' are damaged");
            endpoints.Add(new EndpointRecord(Read(statement), settings));
        }
        return endpoints;
    }

    /// <summary>Puts on record on which networks a container is. Inside a transaction.</summary>
    /// <param name="container">The container; it has a row.</param>
    /// <param name="endpoints">All its networks, in order.</param>
    /// <exception cref="ContainerException">NotFound: a network is gone.</exception>
    public void Put(string container, IReadOnlyList<EndpointRecord> endpoints)
    {
        using (Statement delete = database.Prepare("DELETE FROM container_networks WHERE container = ?1"))
            delete.Bind(1, container).Next();
        foreach ((int position, EndpointRecord endpoint) in endpoints.Index())
        {
            NetworkRecord network = endpoint.Network;
            // Read here, in the transaction: it may have been removed since the user's words were understood, or be about to.
            if (Find(network.Id) is not { } now)
                throw NotFound(network.Name);
            if (now.Claim is not null)
                throw new BusyNetwork(now);
            using Statement statement = database.Prepare("INSERT INTO container_networks (container, network, position, endpoint) VALUES (?1, ?2, ?3, ?4)");
            statement.Bind(1, container).Bind(2, network.Id).Bind(3, position).Bind(4, JsonSerializer.Serialize(endpoint.Settings, NoteJson.Default.EndpointOptions)).Next();
        }
    }

    /// <summary>The error for a name that no network has.</summary>
    public ContainerException NotFound(string name) => new(ContainerErrorKind.NotFound, $"no such network '{name}'")
    {
        Hint = Nearest.Of(name, List().Select(network => network.Name)) is { } near ? $"did you mean '{near}'?" : "rundlet network ls lists what there is",
    };

    private void SetClaim(string id, string purpose)
    {
        using Statement statement = database.Prepare("UPDATE networks SET claim_pid = ?2, claim_start = ?3, claim_purpose = ?4 WHERE id = ?1");
        statement.Bind(1, id).Bind(2, ProcessIdentity.Own.Pid).Bind(3, (long)ProcessIdentity.Own.StartTime).Bind(4, purpose).Next();
    }

    private List<NetworkRecord> Select(string rest, string? parameter)
    {
        using Statement statement = database.Prepare($"SELECT {Columns} {rest}");
        if (parameter is not null)
            statement.Bind(1, parameter);
        List<NetworkRecord> records = [];
        while (statement.Next())
            records.Add(Read(statement));
        return records;
    }

    private static NetworkRecord Read(Statement row) => new()
    {
        Id = row.Text(0),
        Name = row.Text(1),
        Driver = row.Text(2),
        Created = DateTimeOffset.FromUnixTimeMilliseconds(row.Number(3)),
        Options = JsonSerializer.Deserialize(row.Text(4), EngineJson.Default.NetworkOptions) ?? new NetworkOptions(),
        Labels = JsonText.ToMap(row.Text(5)),
        Claim = row.NumberOrNull(6) is { } pid ? new NetworkClaim(new ProcessIdentity((int)pid, (ulong)row.Number(7)), row.Text(8)) : null,
    };
}
