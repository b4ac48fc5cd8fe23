using Rundlet.Images.Layers;
using Rundlet.Images.Pull;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>Makes sure that all layers of an image are unpacked. When they are, this is one look per layer.</summary>
    /// <param name="image">The image.</param>
    /// <param name="limits">What a layer may cost; null for the defaults.</param>
    /// <param name="progress">Is told; null for nobody.</param>
    /// <param name="cancel">Ends it; complete layers stay.</param>
    /// <returns>Chain ids of the layers, lowest first: <see cref="LayerStore.OpenFiles"/> opens each.</returns>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: a layer is damaged, hostile or not what the image says;
    /// <see cref="ContainerErrorKind.Unavailable"/>: the disk is full.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public IReadOnlyList<Digest> Unpack(Image image, UnpackLimits? limits = null, IPullProgress? progress = null, CancellationToken cancel = default)
    {
        IReadOnlyList<Digest> chainIds = image.Record.Layers;
        List<LayerTask> missing = [.. TasksOf(image.Manifest, image.Config).Where(task => !Layers.Has(task.ChainId))];
        if (missing.Count == 0)
            return chainIds;
        try
        {
            new LayerBatch(Content, Layers, null, limits ?? UnpackLimits.Default, progress).Run(missing, Environment.ProcessorCount, cancel);
            return chainIds;
        }
        catch (Exception error) when (error is ContainerException { Kind: ContainerErrorKind.NotFound } or Syscalls.LinuxException { Errno: Syscalls.Errno.ENOENT } && WasRemoved(image.Record))
        {
            throw RemovedMeanwhile(image.Reference?.ToString(), image.Record);
        }
    }

    private static IEnumerable<LayerTask> TasksOf(ImageManifest manifest, ImageConfig config)
    {
        CheckLayerCount(manifest, config);
        IReadOnlyList<Digest> diffIds = config.RootFs.DiffIds, chainIds = ChainIds.Of(diffIds);
        return manifest.Layers.Select((layer, i) => new LayerTask(layer, chainIds[i], diffIds[i], [.. chainIds.Take(i)]));
    }
}
