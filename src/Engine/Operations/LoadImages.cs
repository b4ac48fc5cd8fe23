using Rundlet.Images;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Takes images in from an archive.</summary>
public static class LoadImages
{
    /// <summary>Takes them in.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="archive">A Docker archive or an OCI layout, in a tar that may be packed.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Ends it; nothing stays.</param>
    /// <returns>The images in the archive's order.</returns>
    /// <exception cref="ContainerException">InvalidArgument: no such archive, damaged or hostile; NotFound: nothing for the platform.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<LoadedImage> Run(ContainerEngine engine, Stream archive, LoadOptions? options = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<LoadedImage> loaded = engine.Images.Store.Load(archive, options, cancellation);
        foreach (LoadedImage image in loaded)
            engine.Events.Image("load", image.Image.Id.ToString(), image.Name?.Familiar);
        return loaded;
    }
}
