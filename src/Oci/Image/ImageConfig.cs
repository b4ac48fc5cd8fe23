using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>Configuration of an image (image-spec, config.md).</summary>
public sealed class ImageConfig
{
    /// <summary>When the image was made, RFC 3339.</summary>
    public string? Created { get; set; }

    /// <summary>Who made it.</summary>
    public string? Author { get; set; }

    /// <summary>CPU as GOARCH: <c>amd64</c>, <c>arm64</c>.</summary>
    public required string Architecture { get; set; }

    /// <summary>Operating system as GOOS: <c>linux</c>.</summary>
    public required string Os { get; set; }

    /// <summary>Version of the operating system; used by Windows.</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; set; }

    /// <summary>Needed features of the operating system; used by Windows.</summary>
    [JsonPropertyName("os.features")]
    public List<string>? OsFeatures { get; set; }

    /// <summary>Variant of the CPU: <c>v7</c>, <c>v8</c>.</summary>
    public string? Variant { get; set; }

    /// <summary>How to run a container of it.</summary>
    public ContainerConfig? Config { get; set; }

    /// <summary>Its layers.</summary>
    [JsonPropertyName("rootfs")]
    public required RootFs RootFs { get; set; }

    /// <summary>How each layer came to be.</summary>
    public List<HistoryEntry>? History { get; set; }
}
