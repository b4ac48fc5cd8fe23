using Rundlet.Engine.Images;
using Rundlet.Images;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Operations;

/// <summary>Removes images that nobody needs.</summary>
public static class PruneImages
{
    /// <summary>Removes images without a name or, when all are meant, those that no container uses.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="all">Also images with names.</param>
    /// <param name="filters">Conditions as <c>key=value</c>; see <see cref="ImageFilter.PruneKeys"/>.</param>
    /// <param name="now">What spans in conditions are counted back from.</param>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none.</exception>
    public static RemovedImages Run(ContainerEngine engine, bool all, IReadOnlyList<string> filters, DateTimeOffset now)
    {
        ImageFilter filter = ImageFilter.Parse(engine.Images, filters, ImageFilter.PruneKeys, now);
        RemovedImages removed = engine.Images.Store.Prune(all, filter.Matches);
        foreach (Digest deleted in removed.Deleted)
            engine.Events.Image("delete", deleted.ToString(), null);
        engine.Events.Pruned("image", removed.Bytes);
        return removed;
    }
}
