using Rundlet.Images.Content;
using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Archives;

/// <summary>
/// An OCI image layout in a tar (image-spec, image-layout.md): every blob as it is kept, so manifests keep their digests.
/// <code>
/// oci-layout   index.json   manifest.json   blobs/sha256/HEX …
/// </code>
/// The third file is no part of a layout: <c>docker load</c> finds the same blobs by it where it does not know layouts (before Docker 25).
/// </summary>
internal static class OciArchive
{
    /// <summary>Names an image in <c>index.json</c> (image-spec, annotations.md); skopeo and podman expect the whole reference.</summary>
    public const string ReferenceAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>The same for containerd and Docker, which expect a mere tag in the other one.</summary>
    public const string ContainerdAnnotation = "io.containerd.image.name";

    /// <summary>Writes images.</summary>
    /// <exception cref="Linux.ContainerException">A blob is missing or damaged.</exception>
    public static void Write(ArchiveTar tar, ContentStore content, IReadOnlyList<SavedImage> images)
    {
        tar.AddFile("oci-layout", ImageWriter.ToBytes(new ImageLayout { ImageLayoutVersion = "1.0.0" }));
        tar.AddFile("index.json", ImageWriter.ToBytes(IndexOf(images)));
        tar.AddFile(DockerManifest.FileName, DockerManifest.Write([.. images.Select(DescribeForDocker)]));
        tar.AddFolder("blobs/");
        var blobs = new SortedDictionary<string, (Digest Digest, long Size)>(StringComparer.Ordinal);
        foreach (SavedImage saved in images)
        {
            Add(blobs, saved.Image.Record.Manifest, saved.Image.Record.ManifestSize);
            Add(blobs, saved.Image.Manifest.Config.Digest, saved.Image.Manifest.Config.Size);
            foreach (Descriptor layer in saved.Image.Manifest.Layers)
                Add(blobs, layer.Digest, layer.Size);
        }
        string folder = "";
        foreach ((string name, (Digest digest, long size)) in blobs)
        {
            if (folder != digest.Algorithm)
                tar.AddFolder($"blobs/{folder = digest.Algorithm}/");
            using Stream blob = content.Open(digest, size);
            tar.AddBlob(name, blob, digest, size);
        }
    }

    private static void Add(SortedDictionary<string, (Digest, long)> blobs, Digest digest, long size) => blobs[NameOf(digest)] = (digest, size);

    private static string NameOf(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";

    private static DockerManifest DescribeForDocker(SavedImage saved) => new(
        NameOf(saved.Image.Id), [.. saved.Names.Select(name => name.ToString())], [.. saved.Image.Manifest.Layers.Select(layer => NameOf(layer.Digest))]);

    private static ImageIndex IndexOf(IReadOnlyList<SavedImage> images)
    {
        List<Descriptor> manifests = [];
        foreach (SavedImage saved in images)
        {
            if (saved.Names.Count == 0)
                manifests.Add(Describe(saved.Image, null));
            manifests.AddRange(saved.Names.Select(name => Describe(saved.Image, name)));
        }
        return new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.Index, Manifests = manifests };
    }

    private static Descriptor Describe(Image image, ImageReference? name) => new()
    {
        MediaType = image.Record.MediaType,
        Digest = image.Record.Manifest,
        Size = image.Record.ManifestSize,
        Platform = new Platform { Architecture = image.Config.Architecture, Os = image.Config.Os, Variant = image.Config.Variant },
        Annotations = name is null ? null : new Dictionary<string, string> { [ContainerdAnnotation] = name.ToString(), [ReferenceAnnotation] = name.ToString() },
    };
}
