using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>What an image runs on (image-spec, image-index.md).</summary>
public sealed class Platform
{
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
}
