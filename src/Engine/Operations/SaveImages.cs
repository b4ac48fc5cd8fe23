using Rundlet.Images.Archives;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Writes images into an archive.</summary>
public static class SaveImages
{
    /// <summary>Writes them; the same images give the same bytes.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="images">Names or ids, at least one.</param>
    /// <param name="target">Gets the archive.</param>
    /// <param name="format">Its form.</param>
    /// <param name="cancellation">Ends it; what was written so far is no archive.</param>
    /// <exception cref="ContainerException">NotFound or InvalidArgument: a name; nothing was written then.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(ContainerEngine engine, IReadOnlyList<string> images, Stream target, ArchiveFormat format, CancellationToken cancellation = default)
    {
        string[] ids = [.. images.Select(image => engine.Images.Resolve(image).Id)];
        engine.Images.Store.Save(images, target, format, cancellation);
        foreach ((string id, string name) in ids.Zip(images))
            engine.Events.Image("save", id, name);
    }
}
