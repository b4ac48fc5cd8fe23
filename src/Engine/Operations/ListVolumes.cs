using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Lists volumes.</summary>
public static class ListVolumes
{
    /// <summary>Volumes that meet all conditions, by name, each with the number of containers that use it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filters">Conditions as <c>key=value</c>: <c>dangling</c>, <c>driver</c>, <c>label</c>, <c>name</c>.</param>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none.</exception>
    public static List<(VolumeRecord Volume, int Users)> Run(ContainerEngine engine, IReadOnlyList<string> filters)
    {
        IReadOnlyDictionary<string, int> users = engine.Volumes.CountUsers();
        VolumeFilter filter = VolumeFilter.Parse(filters, VolumeFilter.ListKeys, users.ContainsKey, DateTimeOffset.UtcNow);
        return [.. engine.Volumes.List().Where(filter.Matches).Select(volume => (volume, users.GetValueOrDefault(volume.Name)))];
    }
}
