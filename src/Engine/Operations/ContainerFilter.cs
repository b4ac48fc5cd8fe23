using System.Globalization;
using Rundlet.Engine.Images;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>
/// Conditions on containers, as docker's <c>ps</c> has them: those of one key are alternatives, but labels must all hold; all keys must hold.
/// What the row says is asked first, then where the container stands, then the rest: each costs more than the one before.
/// </summary>
public sealed class ContainerFilter
{
    private const string Unchecked = "none";

    private static readonly string[] s_rowKeys = ["id", "name", "before", "since", "ancestor"], s_standingKeys = ["status", "exited", "health"];
    private static readonly string[] s_statuses = ["created", "restarting", "running", "removing", "paused", "exited", "dead"];
    private static readonly string[] s_healths = [.. Enum.GetValues<HealthStatus>().Select(HealthState.NameOf), Unchecked];

    private readonly List<Func<ContainerRecord, bool>> _ofRow = [];
    private readonly List<Func<ContainerRecord, ContainerStanding, bool>> _ofStanding = [];
    private readonly List<Func<ContainerSummary, bool>> _ofRest = [];

    private ContainerFilter(bool meansAll) => MeansAll = meansAll;

    /// <summary>Keys of conditions.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["ancestor", "before", "exited", "expose", "health", "id", "label", "name", "network", "publish", "since", "status", "volume"];

    /// <summary>Whether containers that do not run are meant too: who asks for a status does.</summary>
    public bool MeansAll { get; }

    /// <summary>Reads conditions.</summary>
    /// <param name="engine">The engine; some conditions name a container or an image.</param>
    /// <param name="filters">What the user wrote.</param>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none; NotFound: the container that it names.</exception>
    public static ContainerFilter Parse(ContainerEngine engine, IEnumerable<string> filters)
    {
        IReadOnlyList<FilterOption> options = FilterOption.Parse(filters, Keys);
        var filter = new ContainerFilter(options.Any(option => option.Key == "status"));
        // What must not be must not be in any case: it is a group of its own.
        foreach (IEnumerable<FilterOption> same in options.GroupBy(option => option.IsNegated ? option : (object)option.Key))
        {
            string key = same.First().Key;
            if (s_rowKeys.Contains(key))
                filter._ofRow.Add(Any(same.Select(option => RowCondition(engine, option))));
            else if (s_standingKeys.Contains(key))
                filter._ofStanding.Add(AnyOf(same.Select(StandingCondition)));
            else if (key == "label")
                filter._ofRest.Add(container => same.All(option => option.MatchesLabels(container.Labels)));
            else
                filter._ofRest.Add(Any(same.Select(RestCondition)));
        }
        return filter;
    }

    /// <summary>Whether a container is as the conditions on its row ask.</summary>
    public bool Matches(ContainerRecord record) => _ofRow.TrueForAll(condition => condition(record));

    /// <summary>Whether it stands as the conditions ask.</summary>
    public bool Matches(ContainerRecord record, ContainerStanding standing) => _ofStanding.TrueForAll(condition => condition(record, standing));

    /// <summary>Whether it is as the other conditions ask.</summary>
    public bool Matches(ContainerSummary container) => _ofRest.TrueForAll(condition => condition(container));

    private static Func<T, bool> Any<T>(IEnumerable<Func<T, bool>> conditions)
    {
        List<Func<T, bool>> all = [.. conditions];
        return value => all.Exists(condition => condition(value));
    }

    private static Func<ContainerRecord, ContainerStanding, bool> AnyOf(IEnumerable<Func<ContainerRecord, ContainerStanding, bool>> conditions)
    {
        List<Func<ContainerRecord, ContainerStanding, bool>> all = [.. conditions];
        return (record, standing) => all.Exists(condition => condition(record, standing));
    }

    private static Func<ContainerRecord, bool> RowCondition(ContainerEngine engine, FilterOption option)
    {
        switch (option.Key)
        {
            case "id":
                return record => record.Id.StartsWith(option.Value, StringComparison.Ordinal) != option.IsNegated;
            case "name":
                // docker's names begin with a slash, and patterns may say so.
                string pattern = option.Value.StartsWith("^/", StringComparison.Ordinal) ? "^" + option.Value[2..] : option.Value.TrimStart('/');
                return record => NamePattern.Matches(pattern, record.Name) != option.IsNegated;
            case "ancestor":
                return AncestorCondition(engine.Images, option);
            default:
                ContainerRecord other = engine.Containers.Get(option.Value);
                return option.Key == "before" ? record => record.Created < other.Created : record => record.Created > other.Created;
        }
    }

    // An image by its name or id, or one whose layers are the lowest of the container's image.
    private static Func<ContainerRecord, bool> AncestorCondition(ImageCatalog images, FilterOption option)
    {
        NamedImage? ancestor = images.TryFind(option.Value);
        Dictionary<string, bool> known = [];
        return record =>
        {
            if (!known.TryGetValue(record.ImageId, out bool descends))
                known[record.ImageId] = descends = ancestor is not null && Descends(images.TryFind(record.ImageId)?.Image, ancestor.Image);
            return (descends || record.Image == option.Value) != option.IsNegated;
        };
    }

    private static bool Descends(ImageRecord? image, ImageRecord ancestor) =>
        image is not null && (image.Id == ancestor.Id || (ancestor.Layers.Count > 0 && image.Layers.Count > ancestor.Layers.Count && image.Layers[ancestor.Layers.Count - 1] == ancestor.Layers[^1]));

    private static Func<ContainerRecord, ContainerStanding, bool> StandingCondition(FilterOption option)
    {
        if (option.Key == "exited")
        {
            if (!int.TryParse(option.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int code))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid filter 'exited={option.Value}': not an exit code");
            return (_, standing) => standing.Phase == ContainerPhase.Exited && (standing.Exit?.ExitCode == code) != option.IsNegated;
        }
        string[] words = option.Key == "health" ? s_healths : s_statuses;
        if (!words.Contains(option.Value))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid filter '{option.Key}={option.Value}'") { Hint = $"there are {string.Join(", ", words)}" };
        if (option.Key == "health")
            return (_, standing) => (HealthOf(standing) == option.Value) != option.IsNegated;
        return (record, standing) => (StatusOf(record, standing) == option.Value) != option.IsNegated;
    }

    private static string StatusOf(ContainerRecord record, ContainerStanding standing) =>
        record.Claim is { Owner.IsAlive: true } claim && RemoveContainer.IsRemoval(claim.Purpose) ? "removing" : standing.Phase.ToString().ToLowerInvariant();

    private static string HealthOf(ContainerStanding standing) => standing.State?.Health is { } health ? HealthState.NameOf(health) : Unchecked;

    private static Func<ContainerSummary, bool> RestCondition(FilterOption option)
    {
        string value = option.Value;
        switch (option.Key)
        {
            case "network":
                return container => (container.Options.Network == value || container.Networks.Any(network => network.Name == value || IsIdOf(value, network.Id))) != option.IsNegated;
            case "volume":
                return container => container.Options.Mounts.Any(mount => mount.Source == value || mount.Destination == value) != option.IsNegated;
            default:
                (int first, int last, string protocol) = PortsOf(option);
                bool isPublished = option.Key == "publish";
                return container => (container.Network?.Ports ?? []).Any(port =>
                    port.Protocol == protocol && (isPublished ? port.HostPort : port.ContainerPort) is var number && number + port.Count > first && number <= last) != option.IsNegated;
        }
    }

    // The shortest beginning of an id that is taken for one: people copy twelve digits.
    private static bool IsIdOf(string value, string id) => value.Length >= 12 && id.StartsWith(value, StringComparison.Ordinal);

    private static (int, int, string) PortsOf(FilterOption option)
    {
        int slash = option.Value.IndexOf('/');
        string numbers = slash < 0 ? option.Value : option.Value[..slash], protocol = slash < 0 ? "tcp" : option.Value[(slash + 1)..].ToLowerInvariant();
        string[] ends = numbers.Split('-', 2);
        if (ushort.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out ushort first)
            && ushort.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out ushort last) && first <= last && protocol is "tcp" or "udp" or "sctp")
            return (first, last, protocol);
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid filter '{option.Key}={option.Value}'") { Hint = "write a port as in 80, 53/udp or 8000-8080/tcp" };
    }
}
