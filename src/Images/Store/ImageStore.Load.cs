using Rundlet.Images.Archives;
using Rundlet.Images.Compression;
using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Takes images in from an archive, read once and forwards: a Docker archive or an OCI image layout, in a tar that may be packed with
    /// gzip or zstd. Every blob is verified, every layer unpacked, before any of them is an image.
    /// <code>
    /// lease ─► blobs ─► which images? ─► layers unpacked ─► database ─► what no image needs goes
    /// </code>
    /// </summary>
    /// <param name="archive">The archive.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancel">Ends it; nothing stays.</param>
    /// <returns>The images, in the archive's order; one with several names as often.</returns>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: no archive of images, damaged, incomplete or hostile; <see cref="ContainerErrorKind.NotFound"/>:
    /// it has no image for the platform; <see cref="ContainerErrorKind.Unsupported"/>: another packing, or an archive of Docker before 1.10;
    /// <see cref="ContainerErrorKind.Unavailable"/>: the disk is full.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<LoadedImage> Load(Stream archive, LoadOptions? options = null, CancellationToken cancel = default)
    {
        HashSet<Digest> blobs = [], layers = [];
        try
        {
            using IImageLease lease = _database.Lease();
            List<FoundImage> found = TakeIn(archive, options ??= new LoadOptions(), lease, blobs, cancel);
            foreach (FoundImage image in found)
                UnpackFound(image, options, lease, layers, cancel);
            List<LoadedImage> loaded = [.. found.SelectMany(image => RegisterFound(image, options.Name))];
            lease.Dispose();
            Sweep(blobs, layers); // what no image needs
            return loaded;
        }
        catch
        {
            TrySweep(blobs, layers);
            throw;
        }
    }

    private void TrySweep(HashSet<Digest> blobs, HashSet<Digest> layers)
    {
        try
        {
            Sweep(blobs, layers);
        }
        catch (Exception error) when (error is ContainerException or Syscalls.LinuxException)
        {
            _ = error; // ignored: the first error is the one to tell, and a prune removes the same
        }
    }

    private List<FoundImage> TakeIn(Stream archive, LoadOptions options, IImageLease lease, HashSet<Digest> stored, CancellationToken cancel)
    {
        using var pending = new PendingContents(Content, Layers);
        var intake = new ArchiveIntake(Content, pending, lease, cancel);
        try
        {
            ReadArchive(archive, intake, options.Limits.MaxBytes, cancel);
        }
        catch
        {
            pending.Discard();
            throw;
        }
        finally
        {
            stored.UnionWith(intake.Stored);
        }
        List<FoundImage> found =
            intake.TryDocument("oci-layout") is not null ? FindInLayout(intake, options.Platform)
            : intake.TryDocument(DockerManifest.FileName) is { } manifest ? FindInDockerArchive(intake, DockerManifest.Read(manifest), options.Platform, lease, stored)
            : throw NoImages(intake);
        int images = found.DistinctBy(image => image.Manifest.Digest).Count();
        if (images == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "the archive holds no image");
        if (options.Name is not null && images > 1)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the archive holds {images} images: one name does not fit");
        return found;
    }

    /// <summary>An archive that is not packed is read as it is, so that blobs that are here already can be passed over.</summary>
    private static void ReadArchive(Stream archive, ArchiveIntake intake, long limit, CancellationToken cancel)
    {
        if (archive.CanSeek && !IsPacked(archive))
        {
            intake.Read(archive);
            return;
        }
        using var unpacked = new LayerStream(archive, null, limit, cancel);
        intake.Read(unpacked);
    }

    private static bool IsPacked(Stream archive)
    {
        long start = archive.Position;
        using var probe = new LayerStream(archive, null, long.MaxValue);
        archive.Position = start;
        return probe.Format != LayerFormat.Tar;
    }

    private void UnpackFound(FoundImage found, LoadOptions options, IImageLease lease, HashSet<Digest> unpacked, CancellationToken cancel)
    {
        ImageManifest manifest = ReadManifest(found.Manifest.Digest, found.Manifest.Size);
        ImageConfig config = ReadConfig(manifest);
        CheckComplete(manifest, config);
        ImageRecord record = RecordOf(found.Manifest, manifest, config);
        lease.Add([.. BlobsOf(found.Manifest.Digest, manifest), .. record.Layers]);
        unpacked.UnionWith(record.Layers.Where(layer => !Layers.Has(layer)));
        Unpack(new Image(null, record, manifest, config), options.Limits, options.Progress, cancel);
    }

    private List<LoadedImage> RegisterFound(FoundImage found, ImageReference? name)
    {
        List<ImageReference?> names = name is not null ? [name] : found.Names.Count > 0 ? [.. found.Names] : [null];
        return [.. names.Select(one => new LoadedImage(one, Register(one, found.Manifest, found.Indexes)))];
    }

    private void RefuseOtherPlatform(ImageManifest manifest, ImagePlatform? wanted)
    {
        if (wanted is not null && ImagePlatform.Of(ReadConfig(manifest)) is var own && !wanted.Accepts(own))
            throw new ContainerException(ContainerErrorKind.NotFound, $"the archive's image is made for '{own}', not for '{wanted}'");
    }

    private static ContainerException NoImages(ArchiveIntake intake) => intake.Has("repositories")
        ? new(ContainerErrorKind.Unsupported, "the archive was written by Docker before version 1.10") { Hint = "load and save it with a newer one" }
        : new(ContainerErrorKind.InvalidArgument, "not an archive of images: it has neither 'oci-layout' nor 'manifest.json'")
        {
            Hint = "a root file system becomes an image by rundlet import",
        };
}
