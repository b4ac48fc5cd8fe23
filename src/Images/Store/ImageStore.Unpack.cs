using Rundlet.Images.Compression;
using Rundlet.Images.Layers;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>Makes sure that all layers of an image are unpacked. When they are, this is one look per layer.</summary>
    /// <param name="image">The image.</param>
    /// <param name="limits">What a layer may cost; null for the defaults.</param>
    /// <param name="cancel">Ends it; complete layers stay.</param>
    /// <returns>Chain ids of the layers, lowest first: <see cref="LayerStore.OpenFiles"/> opens each.</returns>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: a layer is damaged, hostile or not what the image says;
    /// <see cref="ContainerErrorKind.Unavailable"/>: the disk is full.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public IReadOnlyList<Digest> Unpack(Image image, UnpackLimits? limits = null, CancellationToken cancel = default)
    {
        IReadOnlyList<Digest> chainIds = image.Record.Layers;
        for (int i = 0; i < chainIds.Count; i++)
        {
            if (!Layers.Has(chainIds[i]))
                UnpackLayer(image.Manifest.Layers[i], chainIds[i], image.Config.RootFs.DiffIds[i], limits ?? UnpackLimits.Default, cancel);
        }
        return chainIds;
    }

    private void UnpackLayer(Descriptor descriptor, Digest chainId, Digest diffId, UnpackLimits limits, CancellationToken cancel)
    {
        using LayerIngest? ingest = Layers.Begin(chainId);
        if (ingest is null)
            return;
        try
        {
            using Stream blob = Content.Open(descriptor.Digest, descriptor.Size);
            using var tar = new LayerStream(blob, null, limits.MaxBytes, cancel);
            UnpackResult result = LayerUnpacker.Unpack(tar, ingest.Root.Value, limits, cancel);
            Digest found = tar.Complete();
            if (found != diffId)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unpacks to '{found}', the configuration says '{diffId}'");
            ingest.Commit(chainId, diffId, result.Bytes);
        }
        catch (ContainerException error)
        {
            throw new ContainerException(error.Kind, $"layer '{descriptor.Digest}'", error);
        }
    }
}
