using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Events;

/// <summary>Conditions on events, as docker's: those of one key are alternatives, but labels must all hold; all keys must hold.</summary>
public sealed class EventFilter
{
    private readonly List<Func<EventMessage, bool>> _conditions = [];

    private EventFilter()
    {
    }

    /// <summary>Keys of conditions.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["container", "event", "image", "label", "network", "scope", "type", "volume"];

    /// <summary>Reads conditions.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one is none.</exception>
    public static EventFilter Parse(IEnumerable<string> filters)
    {
        var filter = new EventFilter();
        foreach (IGrouping<string, FilterOption> same in FilterOption.Parse(filters, Keys).GroupBy(option => option.Key))
        {
            // What must not be must not be in any case: only what may be has alternatives.
            foreach (FilterOption option in same.Where(option => option.IsNegated || option.Key == "label"))
                filter._conditions.Add(ConditionOf(option));
            List<Func<EventMessage, bool>> alternatives = [.. same.Where(option => !option.IsNegated && option.Key != "label").Select(ConditionOf)];
            if (alternatives.Count > 0)
                filter._conditions.Add(message => alternatives.Exists(condition => condition(message)));
        }
        return filter;
    }

    /// <summary>Whether an event is as all conditions ask.</summary>
    public bool Matches(EventMessage message) => _conditions.TrueForAll(condition => condition(message));

    private static Func<EventMessage, bool> ConditionOf(FilterOption option) => option.Key == "label"
        ? message => option.MatchesLabels(message.Attributes)
        : message => Matches(option.Key, option.Value, message) != option.IsNegated;

    private static bool Matches(string key, string value, EventMessage message) => key switch
    {
        "event" => message.Action == value || (message.Action.IndexOf(':') is > 0 and var colon && message.Action.AsSpan(0, colon).SequenceEqual(value)),
        "type" => message.Type == value,
        "scope" => value == "local",
        "image" => IsImage(value, message),
        _ => IsCalled(key, value, message),
    };

    // An object by its name or the beginning of its id; a container also where the event is about what was tied to it.
    private static bool IsCalled(string type, string value, EventMessage message)
    {
        if (value.Length == 0)
            return false;
        if (message.Type != type)
            return type == "container" && message.Attributes.TryGetValue("container", out string? container) && container.StartsWith(value, StringComparison.Ordinal);
        return message.ActorId.StartsWith(value, StringComparison.Ordinal) || message.Attributes.GetValueOrDefault("name") == value;
    }

    private static bool IsImage(string value, EventMessage message)
    {
        string? name = message.Attributes.GetValueOrDefault(message.Type == "image" ? "name" : "image");
        if (name == value || (name is not null && WithoutTag(name) == value))
            return true;
        return message.Type == "image" && (message.ActorId == value || message.ActorId == "sha256:" + value || WithoutTag(message.ActorId) == value);
    }

    private static string WithoutTag(string name)
    {
        int colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }
}
