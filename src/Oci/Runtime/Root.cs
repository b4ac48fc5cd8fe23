namespace Rundlet.Oci;

/// <summary>The root file system of a container (config.md, Root).</summary>
public sealed class Root
{
    /// <summary>Path on the host, absolute or relative to the bundle.</summary>
    public required string Path { get; set; }

    /// <summary>Whether the container sees it read-only.</summary>
    public bool Readonly { get; set; }
}
