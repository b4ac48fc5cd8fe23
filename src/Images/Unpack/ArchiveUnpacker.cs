using Rundlet.Images.Compression;
using Rundlet.Linux;

namespace Rundlet.Images.Unpack;

/// <summary>Unpacks an archive of files that are no layer: no name in it says what is gone.</summary>
public static class ArchiveUnpacker
{
    /// <summary>Unpacks a whole archive and reads the stream to its end.</summary>
    /// <param name="archive">tar, tar.gz or tar.zst.</param>
    /// <param name="root">An fd, not <c>O_PATH</c>, of an empty folder; nobody else may change what is in it meanwhile.</param>
    /// <param name="cancel">Ends it between two entries or pieces of content.</param>
    /// <inheritdoc cref="LayerUnpacker.Unpack" path="/exception"/>
    public static void Unpack(Stream archive, int root, CancellationToken cancel = default)
    {
        UnpackLimits limits = UnpackLimits.Default;
        using var tar = new LayerStream(archive, null, limits.MaxBytes, cancel);
        LayerUnpacker.Unpack(tar, root, limits, cancel, hasWhiteouts: false);
        _ = tar.Complete(); // ignored: nobody compares its digest; this reads what is behind the archive
        if (tar.UnpackedBytes == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "the archive is empty");
    }
}
