using Rundlet.Engine.Options;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Operations;

/// <summary>Makes an image of a root file system.</summary>
public static class ImportImage
{
    /// <summary>Imports it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="archive">tar, tar.gz or tar.zst.</param>
    /// <param name="name">What to call it; null for no name.</param>
    /// <param name="changes">How to run it; see <see cref="ConfigChange"/>.</param>
    /// <param name="options">What else the archive does not say; null for the defaults.</param>
    /// <param name="cancellation">Ends it; nothing stays.</param>
    /// <returns>The image's id.</returns>
    /// <exception cref="ContainerException">InvalidArgument: a bad name or change, or not an archive.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static string Run(
        ContainerEngine engine, Stream archive, string? name, IReadOnlyList<string>? changes = null, ImportOptions? options = null, CancellationToken cancellation = default)
    {
        var config = new ContainerConfig();
        ConfigChange.Apply(config, changes ?? []);
        options = (options ?? new ImportOptions()) with { Config = changes is { Count: > 0 } ? config : null };
        string id = engine.Images.Store.Import(archive, name is null ? null : ImageReference.Parse(name), options, cancellation).Id.ToString();
        engine.Events.Image("import", id, name);
        return id;
    }
}
