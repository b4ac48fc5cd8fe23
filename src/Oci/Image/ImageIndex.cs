namespace Rundlet.Oci;

/// <summary>A choice of manifests, usually by platform (image-spec, image-index.md; Docker manifest list).</summary>
public sealed class ImageIndex
{
    /// <summary>Always 2.</summary>
    public required int SchemaVersion { get; set; }

    /// <summary>The document’s own type; OCI allows it to be absent.</summary>
    public string? MediaType { get; set; }

    /// <summary>Type of the artifact, when this is not an image.</summary>
    public string? ArtifactType { get; set; }

    /// <summary>The choices, in order of preference.</summary>
    public required List<Descriptor> Manifests { get; set; }

    /// <summary>The manifest this one is about, for referrers.</summary>
    public Descriptor? Subject { get; set; }

    /// <summary>Free metadata.</summary>
    public Dictionary<string, string>? Annotations { get; set; }
}
