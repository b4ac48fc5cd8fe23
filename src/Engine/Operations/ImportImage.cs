using Rundlet.Engine.Images;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Makes an image of a root file system.</summary>
public static class ImportImage
{
    /// <summary>Imports it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="archive">tar, tar.gz or tar.zst.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="cancellation">Ends it; nothing stays.</param>
    /// <returns>The image's id.</returns>
    /// <exception cref="ContainerException">InvalidArgument: a bad name, or not an archive.</exception>
    public static string Run(ContainerEngine engine, Stream archive, string name, CancellationToken cancellation = default) =>
        engine.Images.Store.Import(archive, ImageReference.Parse(name), options: null, cancellation).Id.ToString();
}
