using System.Diagnostics.CodeAnalysis;

namespace Rundlet.Oci;

/// <summary>One image: its configuration and layers (image-spec, manifest.md; Docker image manifest v2.2).</summary>
public sealed class ImageManifest
{
    /// <summary>Always 2.</summary>
    public required int SchemaVersion { get; set; }

    /// <summary>The document’s own type; OCI allows it to be absent.</summary>
    public string? MediaType { get; set; }

    /// <summary>Type of the artifact, when this is not an image.</summary>
    public string? ArtifactType { get; set; }

    /// <summary>The configuration.</summary>
    public required Descriptor Config { get; set; }

    /// <summary>Layers from the lowest up.</summary>
    [AllowNull]
    public List<Descriptor> Layers { get; set => field = value ?? []; } = [];

    /// <summary>The manifest this one is about, for referrers.</summary>
    public Descriptor? Subject { get; set; }

    /// <summary>Free metadata.</summary>
    public Dictionary<string, string>? Annotations { get; set; }
}
