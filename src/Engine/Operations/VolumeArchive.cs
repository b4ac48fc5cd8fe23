using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Images.Diffs;
using Rundlet.Images.Unpack;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>The files of a volume as an archive, and back.</summary>
public static class VolumeArchive
{
    /// <summary>Packs a volume; the same files give the same bytes. Containers that use it go on meanwhile.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">The volume.</param>
    /// <param name="target">Gets the archive.</param>
    /// <param name="cancellation">Ends it; what was written so far is no archive.</param>
    /// <exception cref="ContainerException">NotFound; Unsupported: a path is too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Export(ContainerEngine engine, string name, Stream target, CancellationToken cancellation = default)
    {
        using VolumeFiles files = VolumeFiles.Open(engine.Volumes, engine.Volumes.Get(name));
        LayerPacker.Pack(files.Data.Value, target, null, cancellation);
    }

    /// <summary>
    /// Adds the files of an archive to a volume: all, or none when the archive is damaged or the disk is full. They replace what has their
    /// names; folders are merged. No link in the volume is followed, whoever placed it.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="name">The volume.</param>
    /// <param name="archive">tar, tar.gz or tar.zst.</param>
    /// <param name="cancellation">Ends it; the volume stays as it was.</param>
    /// <exception cref="ContainerException">NotFound; InvalidArgument: no archive, damaged or hostile; Unavailable: the disk is full; Conflict: its own file system is in use.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Import(ContainerEngine engine, string name, Stream archive, CancellationToken cancellation = default)
    {
        VolumeStore store = engine.Volumes;
        try
        {
            store.WhileFilling(name, volume =>
            {
                using VolumeFiles files = VolumeFiles.TryOpenAlone(store, volume) ?? throw new ContainerException(ContainerErrorKind.Conflict, $"nothing can be imported into volume '{name}' now")
                {
                    Hint = "it has a file system of its own, which begins empty each time, or which a running container uses: stop that one",
                };
                VolumeStage.Apply(files.Stage.Value, files.Data.Value, stage => ArchiveUnpacker.Unpack(archive, stage.Value, cancellation), durable: true);
            });
        }
        catch (ContainerException failed) when (failed.Kind != ContainerErrorKind.Conflict)
        {
            throw new ContainerException(failed.Kind, $"import into volume '{name}'", failed);
        }
    }
}
