namespace Rundlet.Oci;

/// <summary>
/// Reads image documents of image-spec 1.1 and Docker schema 2. A document that could be taken for a manifest and for an index
/// is refused (CVE-2021-41190): two programs that read the same bytes must see the same image. Read by hand: a serializer's tables of
/// these types cost a start more than a millisecond.
/// </summary>
public static partial class ImageReader
{
    /// <summary>How long a manifest or an index may be, in bytes (distribution-spec 1.1, Pushing Manifests).</summary>
    public const int MaxManifestBytes = 4 << 20;

    /// <summary>How long a configuration may be, in bytes.</summary>
    public const int MaxConfigBytes = 16 << 20;

    private static readonly string[] s_outlineMembers = ["schemaVersion", "mediaType", "manifests", "config", "layers", "fsLayers"];

    /// <summary>Tells a manifest from an index.</summary>
    /// <param name="json">The document.</param>
    /// <param name="declared">Media type that the descriptor or the registry gives the document, without parameters; the document
    /// must not contradict it. Null when nobody said.</param>
    /// <exception cref="SpecFormatException">The document is neither, both, or not what was declared.</exception>
    public static ManifestKind DetectKind(ReadOnlySpan<byte> json, string? declared = null)
    {
        Bound(json, MaxManifestBytes);
        Outline outline = JsonCursor.ReadDocument(json, ReadOutline);
        if (outline.SchemaVersion != 2)
            throw Refuse("schemaVersion", $"expected 2, found {outline.SchemaVersion?.ToString() ?? "none"}");
        if (outline is { HasManifests: true, HasImage: true })
            throw Refuse("", "expected a manifest or an index, found a document that is both");
        if (outline.HasOldLayers)
            throw Refuse("fsLayers", "expected a document of schema 2, found a member of schema 1");
        if (outline is { HasManifests: false, HasImage: false })
            throw Refuse("", "expected a manifest or an index, found neither");

        ManifestKind kind = outline.HasManifests ? ManifestKind.Index : ManifestKind.Manifest;
        if (outline.MediaType is { } own && !IsOf(kind, own))
            throw Refuse("mediaType", $"expected the type of {Name(kind)}, found '{JsonPlace.Printable(own)}'");
        if (declared is not null && (!IsOf(kind, declared) || declared != (outline.MediaType ?? declared)))
            throw Refuse("mediaType", $"expected '{JsonPlace.Printable(declared)}' as declared, found {Found(outline.MediaType, kind)}");
        return kind;
    }

    /// <exception cref="SpecFormatException">The document is not a manifest.</exception>
    public static ImageManifest ReadManifest(ReadOnlySpan<byte> json)
    {
        Expect(ManifestKind.Manifest, json);
        ImageManifest manifest = JsonCursor.ReadDocument(json, ReadManifestMembers);
        CheckSize(manifest.Config, "config");
        CheckSizes(manifest.Layers, "layers");
        return manifest;
    }

    /// <exception cref="SpecFormatException">The document is not an index.</exception>
    public static ImageIndex ReadIndex(ReadOnlySpan<byte> json)
    {
        Expect(ManifestKind.Index, json);
        ImageIndex index = JsonCursor.ReadDocument(json, ReadIndexMembers);
        CheckSizes(index.Manifests, "manifests");
        return index;
    }

    /// <exception cref="SpecFormatException">The document is not an image configuration.</exception>
    public static ImageConfig ReadConfig(ReadOnlySpan<byte> json)
    {
        Bound(json, MaxConfigBytes);
        ImageConfig config = JsonCursor.ReadDocument(json, ReadConfigMembers);
        if (config.RootFs.Type != "layers")
            throw Refuse("rootfs.type", $"expected 'layers', found '{JsonPlace.Printable(config.RootFs.Type)}'");
        return config;
    }

    /// <exception cref="SpecFormatException">The document is not a layout header of version 1.</exception>
    public static ImageLayout ReadLayout(ReadOnlySpan<byte> json)
    {
        Bound(json, MaxManifestBytes);
        ImageLayout layout = JsonCursor.ReadDocument(json, ReadLayoutMembers);
        if (layout.ImageLayoutVersion != "1.0.0")
            throw Refuse("imageLayoutVersion", $"expected '1.0.0', found '{JsonPlace.Printable(layout.ImageLayoutVersion)}'");
        return layout;
    }

    private static Outline ReadOutline(ref JsonCursor json)
    {
        var outline = new Outline();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("schemaVersion"u8)) outline.SchemaVersion = json.Int32();
            else if (json.Is("mediaType"u8)) outline.MediaType = json.String();
            else if (json.Is("manifests"u8)) outline.HasManifests = json.Pass();
            else if (json.Is("config"u8)) outline.HasImage = json.Pass();
            else if (json.Is("layers"u8)) outline.HasImage = json.Pass();
            else if (json.Is("fsLayers"u8)) outline.HasOldLayers = json.Pass();
            else ImageForm.Ignore(ref json, s_outlineMembers);
        return outline;
    }

    private static void Expect(ManifestKind kind, ReadOnlySpan<byte> json)
    {
        if (DetectKind(json) != kind)
            throw Refuse("", $"expected {Name(kind)}, found the other kind");
    }

    private static void Bound(ReadOnlySpan<byte> json, int bytes)
    {
        if (json.Length > bytes)
            throw Refuse("", $"expected at most {bytes} bytes, found {json.Length}");
    }

    private static void CheckSizes(List<Descriptor> descriptors, string path)
    {
        for (int i = 0; i < descriptors.Count; i++)
            CheckSize(descriptors[i], $"{path}[{i}]");
    }

    private static void CheckSize(Descriptor descriptor, string path)
    {
        if (descriptor.Size < 0)
            throw Refuse($"{path}.size", $"expected a size, found {descriptor.Size}");
    }

    private static bool IsOf(ManifestKind kind, string mediaType) =>
        kind == ManifestKind.Index ? MediaTypes.IsIndex(mediaType) : MediaTypes.IsManifest(mediaType);

    private static string Name(ManifestKind kind) => kind == ManifestKind.Index ? "an index" : "a manifest";

    private static string Found(string? mediaType, ManifestKind kind) =>
        mediaType is null ? Name(kind) : $"'{JsonPlace.Printable(mediaType)}'";

    private static SpecFormatException Refuse(string path, string problem) => new(problem, JsonPlace.Document with { Path = path });

    /// <summary>What tells the kinds apart, as the document has it.</summary>
    private struct Outline
    {
        public int? SchemaVersion;
        public string? MediaType;
        public bool HasManifests;
        public bool HasImage;
        public bool HasOldLayers;
    }
}
