using System.Text;
using Rundlet.Images.Content;
using Rundlet.Images.References;
using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    private const string ReferenceAnnotation = "org.opencontainers.image.ref.name";
    private const int MaxIndexDepth = 4;

    /// <summary>
    /// Takes images in from an OCI image layout (image-spec, image-layout.md) in a tar. Every blob is verified against its name and kept;
    /// then each image for this machine's platform gets its reference.
    /// </summary>
    /// <param name="layout">The archive, not packed.</param>
    /// <param name="reference">What to call the image, which must then be the only one; null for the names in the index.</param>
    /// <param name="cancel">Ends it; no reference was set then.</param>
    /// <returns>The references that were set.</returns>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: damaged, incomplete, or without a name.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public IReadOnlyList<ImageReference> LoadLayout(Stream layout, ImageReference? reference = null, CancellationToken cancel = default)
    {
        byte[]? indexJson = null;
        bool marked = false;
        using IImageLease lease = _database.Lease();
        var reader = new TarReader(layout);
        while (reader.Next() is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            string name = LayoutName(entry);
            if (entry.Kind != TarEntryKind.Regular)
                continue;
            if (name == "index.json")
                indexJson = reader.ReadAll(entry, ImageReader.MaxManifestBytes);
            else if (name == "oci-layout")
                marked = ReadLayoutHeader(reader.ReadAll(entry, ImageReader.MaxManifestBytes));
            else if (name.StartsWith("blobs/", StringComparison.Ordinal))
                StoreBlob(reader, entry, name, lease, cancel);
        }
        if (!marked || indexJson is null)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"not an image layout: '{(marked ? "index.json" : "oci-layout")}' is missing");
        return RegisterAll(ReadDocument(() => ImageReader.ReadIndex(indexJson), "'index.json'"), reference);
    }

    /// <summary>
    /// Makes sure that an image that comes with the program is in the store under its name. When it is, only the archive's headers
    /// are looked at.
    /// </summary>
    /// <param name="layout">An image layout with one image, as a tar that can seek.</param>
    /// <param name="reference">What to call it.</param>
    /// <inheritdoc cref="LoadLayout" path="/exception"/>
    public ImageRecord EnsureEmbedded(Stream layout, ImageReference reference)
    {
        long start = layout.Position;
        ImageRecord? present = _database.TryGet(reference.ToString())?.Image;
        if (present is not null && Content.Has(present.Manifest) && IndexNames(layout, present.Manifest))
            return present;
        layout.Position = start;
        LoadLayout(layout, reference);
        return _database.TryGet(reference.ToString())?.Image
            ?? throw new ContainerException(ContainerErrorKind.Conflict, $"image '{reference.Familiar}' was removed while it was put in place");
    }

    private static bool IndexNames(Stream layout, Digest manifest)
    {
        var reader = new TarReader(layout);
        while (reader.Next() is { } entry)
        {
            if (entry.Kind != TarEntryKind.Regular || LayoutName(entry) != "index.json")
                continue;
            byte[] json = reader.ReadAll(entry, ImageReader.MaxManifestBytes);
            return ReadDocument(() => ImageReader.ReadIndex(json), "'index.json'").Manifests is [var only] && only.Digest == manifest;
        }
        return false;
    }

    private static string LayoutName(TarEntry entry)
    {
        string name = Encoding.Latin1.GetString(entry.Name);
        return name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
    }

    private static bool ReadLayoutHeader(byte[] json) => ReadDocument(() => ImageReader.ReadLayout(json), "'oci-layout'") is not null;

    private void StoreBlob(TarReader reader, TarEntry entry, string name, IImageLease lease, CancellationToken cancel)
    {
        if (!Digest.TryParse(name["blobs/".Length..].Replace('/', ':'), out Digest digest))
            throw TarFormatError.In(entry, "a blob's name is its digest");
        lease.Add([digest]);
        if (Content.Has(digest))
            return;
        using BlobWriter blob = Content.Create(lease, digest);
        while (reader.ReadData(out _) is { IsEmpty: false } piece)
        {
            cancel.ThrowIfCancellationRequested();
            blob.Write(piece);
        }
        blob.Commit(digest, entry.Size);
    }

    private List<ImageReference> RegisterAll(ImageIndex index, ImageReference? reference)
    {
        if (reference is not null && index.Manifests.Count != 1)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the layout has {index.Manifests.Count} images: one name does not fit");
        List<ImageReference> names = [];
        foreach (Descriptor descriptor in index.Manifests)
        {
            ImageReference? name = reference;
            if (name is null && descriptor.Annotations?.TryGetValue(ReferenceAnnotation, out string? text) == true)
                name = ImageReference.Parse(text);
            if (name is null)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the layout has no name for '{descriptor.Digest}'");
            Register(name, SelectManifest(descriptor, 0));
            names.Add(name);
        }
        return names;
    }

    /// <summary>Goes down from an index to the manifest for this machine.</summary>
    private Descriptor SelectManifest(Descriptor descriptor, int depth)
    {
        byte[] json = Content.ReadAll(descriptor.Digest, descriptor.Size, ImageReader.MaxManifestBytes);
        ManifestKind kind = ReadDocument(() => ImageReader.DetectKind(json, descriptor.MediaType), $"document '{descriptor.Digest}'");
        if (kind == ManifestKind.Manifest)
            return descriptor;
        if (depth == MaxIndexDepth)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"more than {MaxIndexDepth} indexes inside each other");
        ImageIndex index = ReadDocument(() => ImageReader.ReadIndex(json), $"index '{descriptor.Digest}'");
        Descriptor choice = index.Manifests.Find(m => m.Platform is { Os: "linux" } platform && platform.Architecture == MachineArchitecture)
            ?? throw new ContainerException(ContainerErrorKind.NotFound, $"index '{descriptor.Digest}' has no image for 'linux/{MachineArchitecture}'");
        return SelectManifest(choice, depth + 1);
    }
}
