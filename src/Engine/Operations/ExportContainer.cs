using Rundlet.Engine.Images;
using Rundlet.Engine.State;
using Rundlet.Images.Diffs;
using Rundlet.Images.Tar;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Packs the files of a container into an archive, without what is mounted on them.</summary>
public static class ExportContainer
{
    /// <summary>Packs them; the same files give the same bytes. A container that runs goes on meanwhile.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="target">Gets the archive.</param>
    /// <param name="latest">Later times of modification become this one; null to keep them all.</param>
    /// <param name="cancellation">Ends it; what was written so far is no archive.</param>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made; Unsupported: a path is too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, Stream target, DateTimeOffset? latest = null, CancellationToken cancellation = default)
    {
        using OwnedFd merged = ContainerFiles.OpenRoot(engine, record);
        LayerPacker.Pack(merged.Value, target, new PackOptions { Latest = latest is { } moment ? TarTime.From(moment) : null, Ids = engine.IdRanges.Of(record.Id) }, cancellation);
        engine.Events.Container("export", record);
    }
}
