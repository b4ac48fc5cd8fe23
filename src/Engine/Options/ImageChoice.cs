namespace Rundlet.Engine.Options;

/// <summary>An image that is mounted, beyond its name.</summary>
public sealed record ImageChoice
{
    /// <summary>A path in the image that is mounted in place of its root; null for the root.</summary>
    public string? Subpath { get; init; }

    /// <summary>The digest of its manifest, by which the container holds it; null until the container is made.</summary>
    public string? Manifest { get; init; }
}
