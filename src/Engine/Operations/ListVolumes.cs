using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>A volume in a list.</summary>
/// <param name="Volume">Its row.</param>
/// <param name="Users">How many containers use it.</param>
public sealed record ListVolumes(VolumeRecord Volume, int Users)
{
    /// <summary>Volumes that meet all conditions, by name.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filters">Conditions as <c>key=value</c>: <c>dangling</c>, <c>driver</c>, <c>label</c>, <c>name</c>.</param>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none.</exception>
    public static List<ListVolumes> Run(ContainerEngine engine, IReadOnlyList<string> filters)
    {
        IReadOnlyDictionary<string, int> users = engine.Volumes.CountUsers();
        VolumeFilter filter = VolumeFilter.Parse(filters, VolumeFilter.ListKeys, users.ContainsKey, DateTimeOffset.UtcNow);
        return [.. engine.Volumes.List().Where(filter.Matches).Select(volume => new ListVolumes(volume, users.GetValueOrDefault(volume.Name)))];
    }
}
