using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>How a layer came to be (image-spec, config.md).</summary>
public sealed class HistoryEntry
{
    /// <summary>When, RFC 3339.</summary>
    public string? Created { get; set; }

    /// <summary>By which command.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; set; }

    /// <summary>By whom.</summary>
    public string? Author { get; set; }

    /// <summary>Note of the builder.</summary>
    public string? Comment { get; set; }

    /// <summary>Whether the step made no layer.</summary>
    [JsonPropertyName("empty_layer")]
    public bool EmptyLayer { get; set; }
}
