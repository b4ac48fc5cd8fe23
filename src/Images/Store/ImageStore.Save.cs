using Rundlet.Images.Archives;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>Writes images into one archive; what they share stands in it once. The same images give the same bytes, in whatever order they are named.</summary>
    /// <param name="namesOrIds">As for <see cref="Inspect"/>, at least one; what is named by its id has no name in the archive.</param>
    /// <param name="target">Gets the archive.</param>
    /// <param name="format">Its form.</param>
    /// <param name="cancel">Ends it; what was written so far is no archive.</param>
    /// <exception cref="ContainerException">As for <see cref="Inspect"/>, before anything is written; a blob is damaged.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Save(IReadOnlyList<string> namesOrIds, Stream target, ArchiveFormat format, CancellationToken cancel = default)
    {
        List<NamedImage> found = [.. namesOrIds.Select(Find)];
        using IImageLease lease = _database.Lease();
        lease.Add(found.SelectMany(named => (IEnumerable<Oci.Digest>)[.. _database.BlobsOf(named.Image.Manifest), named.Image.Manifest, named.Image.Id]).Distinct());
        List<SavedImage> images = [];
        // In an archive of Docker's an image is its configuration, in a layout its manifest.
        foreach (IGrouping<Oci.Digest, NamedImage> same in found.GroupBy(named => format == ArchiveFormat.Docker ? named.Image.Id : named.Image.Manifest)
            .OrderBy(same => same.Key.ToString(), StringComparer.Ordinal))
        {
            Image image = Read(same.First());
            CheckComplete(image.Manifest, image.Config);
            images.Add(new SavedImage(image, NamesInArchive(same)));
        }
        var tar = new ArchiveTar(target, cancel);
        if (format == ArchiveFormat.Docker)
            DockerArchive.Write(tar, Content, images, cancel);
        else
            OciArchive.Write(tar, Content, images);
        tar.Finish();
    }

    /// <summary>Only a tag is a name there: a digest is no more than what the content says itself.</summary>
    private static List<ImageReference> NamesInArchive(IEnumerable<NamedImage> images) =>
    [
        .. images.Where(named => named.Name is not null).Select(named => ImageReference.Parse(named.Name!)).Where(name => name.Tag is not null)
            .Select(name => name.Digest.IsEmpty ? name : ImageReference.Parse($"{name.Registry}/{name.Repository}:{name.Tag}"))
            .DistinctBy(name => name.ToString()).OrderBy(name => name.ToString(), StringComparer.Ordinal),
    ];
}
