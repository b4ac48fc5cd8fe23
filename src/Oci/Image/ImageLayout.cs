namespace Rundlet.Oci;

/// <summary>The file <c>oci-layout</c> at the root of an image layout (image-spec, image-layout.md).</summary>
public sealed class ImageLayout
{
    /// <summary>Always <c>1.0.0</c>.</summary>
    public required string ImageLayoutVersion { get; set; }
}
