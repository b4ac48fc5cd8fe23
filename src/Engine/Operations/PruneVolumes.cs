using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Removes volumes that no container uses.</summary>
public static class PruneVolumes
{
    /// <summary>Keys of conditions.</summary>
    public static IReadOnlyList<string> Keys => VolumeFilter.PruneKeys;

    /// <summary>Removes them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="all">Also volumes that somebody gave a name.</param>
    /// <param name="filters">Conditions as <c>key=value</c>; see <see cref="Keys"/>.</param>
    /// <param name="now">What spans in conditions are counted back from.</param>
    /// <returns>Names of those that are gone, and the bytes that were in them.</returns>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none.</exception>
    public static (IReadOnlyList<string> Names, long Bytes) Run(ContainerEngine engine, bool all, IReadOnlyList<string> filters, DateTimeOffset now)
    {
        IReadOnlyDictionary<string, int> users = engine.Volumes.CountUsers();
        VolumeFilter filter = VolumeFilter.Parse(filters, Keys, users.ContainsKey, now);
        List<string> gone = [];
        long bytes = 0;
        foreach (VolumeRecord volume in engine.Volumes.List())
        {
            if (users.ContainsKey(volume.Name) || !(all || filter.All || volume.IsAnonymous) || !filter.Matches(volume))
                continue;
            long size = VolumeUsage.SizeOf(engine, volume.Name);
            try
            {
                engine.Volumes.Remove(volume.Name);
            }
            catch (ContainerException e) when (e.Kind is ContainerErrorKind.Conflict or ContainerErrorKind.NotFound)
            {
                continue; // a container has come that uses it, or somebody else removed it
            }
            gone.Add(volume.Name);
            bytes += size;
        }
        engine.Events.Pruned("volume", bytes);
        return (gone, bytes);
    }
}
