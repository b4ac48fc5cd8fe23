using Rundlet.Oci;

namespace Rundlet.Images.References;

/// <summary>An image as the database keeps it, with all that a list of images shows: listing reads no blob.</summary>
public sealed record ImageRecord
{
    /// <summary>Media type of the manifest.</summary>
    public required string MediaType { get; init; }

    /// <summary>Digest of the manifest: the image's key in the database.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>Length of the manifest, in bytes.</summary>
    public required long ManifestSize { get; init; }

    /// <summary>Digest of the configuration: the image's id.</summary>
    public required Digest Id { get; init; }

    /// <summary>Chain ids of its layers, lowest first; computed once, so that starting a container hashes nothing.</summary>
    public required IReadOnlyList<Digest> Layers { get; init; }

    /// <summary>Bytes of all its layers as they are stored.</summary>
    public required long Size { get; init; }

    /// <summary>When the image was made, as its configuration says; null where it does not.</summary>
    public DateTimeOffset? Created { get; init; }
}
