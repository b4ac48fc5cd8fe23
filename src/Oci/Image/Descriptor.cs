namespace Rundlet.Oci;

/// <summary>A reference to a content by type, digest and size (image-spec, descriptor.md).</summary>
public sealed class Descriptor
{
    /// <summary>What the content is; see <see cref="MediaTypes"/>.</summary>
    public required string MediaType { get; set; }

    /// <summary>The content’s name, against which it is verified.</summary>
    public required Digest Digest { get; set; }

    /// <summary>Bytes of the content, never negative in a document that <see cref="ImageReader"/> returned.</summary>
    public required long Size { get; set; }

    /// <summary>Other places to get the content from. Nothing here follows them.</summary>
    public List<string>? Urls { get; set; }

    /// <summary>Free metadata.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>The content itself, when the document embeds it; to be verified like any other.</summary>
    public byte[]? Data { get; set; }

    /// <summary>Type of the artifact that a referenced manifest is.</summary>
    public string? ArtifactType { get; set; }

    /// <summary>Platform of a referenced image, in an index.</summary>
    public Platform? Platform { get; set; }
}
