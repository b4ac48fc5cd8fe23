using Rundlet.Images.Push;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Brings an image to the registry that its name leads to: blobs first, then the manifest, then the index if all that it names is here,
    /// under the tag at last. What the registry has is not sent again, so that a push that was interrupted goes on. Layers that are not packed
    /// are packed before, with gzip, which gives the image another manifest here too, but leaves its id.
    /// </summary>
    /// <param name="reference">Its name; with a tag, and without a digest.</param>
    /// <param name="client">Registries.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancel">Ends it; nothing appears under the name.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.NotFound"/>: it is not here; <see cref="ContainerErrorKind.InvalidArgument"/>: a name with a digest; and what
    /// <see cref="RegistryClient"/> says.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public async Task<PushedImage> PushAsync(ImageReference reference, RegistryClient client, PushOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new PushOptions();
        if (!reference.Digest.IsEmpty)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot push '{reference.Familiar}': a digest is no name to push to") { Hint = "tag the image, and push the tag" };
        NamedImage named = _database.TryGet(reference.ToString()) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{reference.Familiar}'");
        named = Packed(reference, named, options.Progress, cancel);
        List<(Descriptor Descriptor, byte[] Content)> documents = DocumentsOf(named);
        List<Descriptor> blobs = [.. documents.Where(document => MediaTypes.IsManifest(document.Descriptor.MediaType)).Select(document => ReadDocument(() => ImageReader.ReadManifest(document.Content), $"manifest '{document.Descriptor.Digest}'"))
            .SelectMany(manifest => (IEnumerable<Descriptor>)[manifest.Config, .. manifest.Layers]).DistinctBy(blob => blob.Digest)];
        using IImageLease lease = _database.Lease();
        lease.Add([.. documents.Select(document => document.Descriptor.Digest), .. blobs.Select(blob => blob.Digest)]);

        await new BlobBatch(client, Content, reference, ElsewhereIn(reference), options).RunAsync(blobs, cancel).ConfigureAwait(false);
        foreach ((Descriptor descriptor, byte[] content) in documents.SkipLast(1))
            await client.PutManifestAsync(reference.WithDigest(descriptor.Digest), descriptor.MediaType, content, cancel).ConfigureAwait(false);
        (Descriptor top, byte[] topContent) = documents[^1];
        await client.PutManifestAsync(reference, top.MediaType, topContent, cancel).ConfigureAwait(false);
        return new PushedImage(reference, top.Digest, topContent.Length, top.Digest == named.Target);
    }

    /// <summary>All tags that this machine has of a repository, sorted.</summary>
    public IReadOnlyList<ImageReference> TagsOf(ImageReference repository) =>
        [.. _database.List().Select(named => ImageReference.Parse(named.Name!))
            .Where(name => name.Digest.IsEmpty && name.Registry == repository.Registry && name.Repository == repository.Repository)];

    /// <summary>What must be put, in this order: what an index names stands before it. The image's own manifest where the index is not all here.</summary>
    private List<(Descriptor Descriptor, byte[] Content)> DocumentsOf(NamedImage named)
    {
        List<(Descriptor, byte[])> documents = [];
        if (named.Target != named.Image.Manifest && Content.SizeOf(named.Target) is >= 0 and var size
            && TryCollect(new Descriptor { MediaType = "", Digest = named.Target, Size = size }, documents, 0))
        {
            return documents;
        }
        byte[] json = Content.ReadAll(named.Image.Manifest, named.Image.ManifestSize, ImageReader.MaxManifestBytes);
        return [(new Descriptor { MediaType = named.Image.MediaType, Digest = named.Image.Manifest, Size = json.Length }, json)];
    }

    private bool TryCollect(Descriptor descriptor, List<(Descriptor Descriptor, byte[] Content)> documents, int depth)
    {
        if (depth > MaxIndexDepth || Content.SizeOf(descriptor.Digest) != descriptor.Size)
            return false;
        byte[] json = Content.ReadAll(descriptor.Digest, descriptor.Size, ImageReader.MaxManifestBytes);
        string subject = $"document '{descriptor.Digest}'";
        string mediaType;
        if (ReadDocument(() => ImageReader.DetectKind(json), subject) == ManifestKind.Manifest)
        {
            ImageManifest manifest = ReadDocument(() => ImageReader.ReadManifest(json), subject);
            if (!manifest.Layers.Append(manifest.Config).All(blob => Content.SizeOf(blob.Digest) == blob.Size))
                return false;
            mediaType = manifest.MediaType ?? MediaTypes.Manifest;
        }
        else
        {
            ImageIndex index = ReadDocument(() => ImageReader.ReadIndex(json), subject);
            if (!index.Manifests.All(manifest => TryCollect(manifest, documents, depth + 1)))
                return false;
            mediaType = index.MediaType ?? MediaTypes.Index;
        }
        documents.Add((new Descriptor { MediaType = mediaType, Digest = descriptor.Digest, Size = json.Length }, json));
        return true;
    }

    /// <summary>Which of the registry's other repositories may have a blob: those from which, or to which, this machine has it.</summary>
    private Dictionary<Digest, string> ElsewhereIn(ImageReference target)
    {
        Dictionary<Digest, string> elsewhere = [];
        foreach (NamedImage other in _database.List())
        {
            ImageReference name = ImageReference.Parse(other.Name!);
            if (name.Registry != target.Registry || name.Repository == target.Repository)
                continue;
            foreach (Digest blob in _database.BlobsOf(other.Image.Manifest))
                elsewhere.TryAdd(blob, name.Repository);
        }
        return elsewhere;
    }
}
