using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>Layers of an image by the digests of their uncompressed tars (image-spec, config.md).</summary>
public sealed class RootFs
{
    /// <summary>Always <c>layers</c>.</summary>
    public required string Type { get; set; }

    /// <summary>Diff ids from the lowest layer up.</summary>
    [AllowNull]
    [JsonPropertyName("diff_ids")]
    public List<Digest> DiffIds { get; set => field = value ?? []; } = [];
}
