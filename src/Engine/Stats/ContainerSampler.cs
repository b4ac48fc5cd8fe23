using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;

namespace Rundlet.Engine.Stats;

/// <summary>Looks at containers again and again, and remembers the look before: containers come, go and are started again meanwhile.</summary>
public sealed class ContainerSampler
{
    private readonly ContainerEngine _engine;
    private readonly StatsReader _reader;
    private readonly List<(string Reference, ContainerRecord Record)> _named;
    private readonly bool _all;
    private Dictionary<string, ContainerStats> _earlier = [];

    /// <summary>Begins; looks at nothing yet.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="names">Names and ids of the containers to watch; none for whichever there are.</param>
    /// <param name="all">Whether those that do not run are shown without being named.</param>
    /// <exception cref="Linux.ContainerException">NotFound: one of the names.</exception>
    public ContainerSampler(ContainerEngine engine, IReadOnlyList<string> names, bool all)
    {
        _engine = engine;
        _reader = new StatsReader(engine);
        _named = [.. names.Select(name => (name, engine.Containers.Get(name)))];
        _all = all;
    }

    /// <summary>Looks: named containers in the order of their names, of others the newest first.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public IReadOnlyList<ContainerSample> Take()
    {
        List<ContainerSample> samples = [];
        Dictionary<string, ContainerStats> read = [];
        foreach ((string? reference, ContainerRecord record) in Watched())
        {
            ContainerStanding standing = _engine.StandingOf(record);
            ContainerStats? stats = _reader.TryRead(record, standing);
            if (stats is null && reference is null && (!_all || IsLeftover(record)))
                continue;
            if (stats is not null)
                read[record.Id] = stats;
            samples.Add(new ContainerSample(record, standing, stats, StatsRates.Between(_earlier.GetValueOrDefault(record.Id), stats)) { Reference = reference });
        }
        _earlier = read;
        return samples;
    }

    private IEnumerable<(string? Reference, ContainerRecord Record)> Watched() => _named.Count > 0
        ? _named.Select(named => ((string?)named.Reference, _engine.Containers.Find(named.Record.Id) ?? named.Record))
        : _engine.Containers.List().Select(record => ((string?)null, record));

    // The supervisor removes the folders of a container that goes when it ends; the next command removes the row.
    private bool IsLeftover(ContainerRecord record) => record.AutoRemove && !Directory.Exists(_engine.Paths.Container(record.Id));
}
