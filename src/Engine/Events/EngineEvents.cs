using System.Globalization;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Events;

/// <summary>
/// Says in the event log what this engine does. What happens to a running container (start, die, kill, pause, exec, …) its supervisor
/// says; the rest is said here. An event that cannot be written fails nothing: what it would tell has happened.
/// </summary>
public sealed class EngineEvents
{
    private readonly EnginePaths _paths;
    private readonly EventLog _log;

    internal EngineEvents(EnginePaths paths)
    {
        _paths = paths;
        _log = new EventLog(paths.EventFile);
    }

    /// <summary>Something happened to a container.</summary>
    /// <param name="action">Docker's word for it.</param>
    /// <param name="record">The container.</param>
    /// <param name="more">What the action has besides the container's own attributes.</param>
    public void Container(string action, ContainerRecord record, params ReadOnlySpan<KeyValuePair<string, string>> more) =>
        Container(action, record.Id, AttributesOf(record), more);

    /// <summary>Something happened to an image.</summary>
    /// <param name="action">Docker's word for it.</param>
    /// <param name="id">The image's id, or its name where no id is known.</param>
    /// <param name="name">Its name; null where it has none.</param>
    public void Image(string action, string id, string? name) =>
        Tell("image", action, id, name is null ? [] : [new("name", name)]);

    /// <summary>Something happened to a volume.</summary>
    /// <param name="action"><c>create</c>, <c>mount</c>, <c>unmount</c> or <c>destroy</c>.</param>
    /// <param name="name">The volume.</param>
    /// <param name="more">Such as <c>driver</c>, and of a mount <c>container</c>, <c>destination</c>, <c>propagation</c> and <c>read/write</c>.</param>
    public void Volume(string action, string name, params ReadOnlySpan<KeyValuePair<string, string>> more) => Tell("volume", action, name, more);

    /// <summary>Something happened to a network.</summary>
    /// <param name="action"><c>create</c>, <c>connect</c>, <c>disconnect</c> or <c>destroy</c>.</param>
    /// <param name="id">The network's id, or its name where it has none.</param>
    /// <param name="more">Such as <c>name</c>, <c>type</c> and, of a connection, <c>container</c>.</param>
    public void Network(string action, string id, params ReadOnlySpan<KeyValuePair<string, string>> more) => Tell("network", action, id, more);

    /// <summary>Objects of a kind were pruned.</summary>
    /// <param name="type"><c>container</c>, <c>image</c>, <c>volume</c> or <c>network</c>.</param>
    /// <param name="bytes">The space that it gave.</param>
    public void Pruned(string type, long bytes) => Tell(type, "prune", "", [new("reclaimed", bytes.ToString(CultureInfo.InvariantCulture))]);

    /// <summary>Something happened to a container whose attributes are known.</summary>
    internal void Container(string action, string id, IReadOnlyDictionary<string, string> attributes, params ReadOnlySpan<KeyValuePair<string, string>> more) =>
        _ = _log.TryWrite("container", action, id, attributes, more); // ignored: what happened has happened, told or not

    /// <summary>What events say of a container that is being made: its labels, and over them its image and its name.</summary>
    internal static IReadOnlyDictionary<string, string> AttributesOf(ContainerRecord record, IReadOnlyDictionary<string, string> labels) =>
        new Dictionary<string, string>(labels) { ["image"] = record.Image, ["name"] = record.Name };

    /// <summary>What events say of a container: as it stands in its supervisor's configuration; its image and name where that is gone.</summary>
    internal IReadOnlyDictionary<string, string> AttributesOf(ContainerRecord record) =>
        TryAttributesOf(record) ?? AttributesOf(record, new Dictionary<string, string>());

    /// <summary>The same; null where the configuration is gone, or was never written: then the container was never there for others.</summary>
    internal IReadOnlyDictionary<string, string>? TryAttributesOf(ContainerRecord record)
    {
        try
        {
            return SupervisorConfig.TryReadIn(_paths.Container(record.Id))?.Events?.Attributes;
        }
        catch (Exception damaged) when (damaged is LinuxException or SpecFormatException)
        {
            return AttributesOf(record, new Dictionary<string, string>());
        }
    }

    private void Tell(string type, string action, string actor, ReadOnlySpan<KeyValuePair<string, string>> attributes) =>
        _ = _log.TryWrite(type, action, actor, null, attributes); // ignored: what happened has happened, told or not
}
