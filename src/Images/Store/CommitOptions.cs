using Rundlet.Images.Diffs;
using Rundlet.Images.References;
using Rundlet.Images.Tar;
using Rundlet.Images.Users;
using Rundlet.Oci;

namespace Rundlet.Images;

/// <summary>What becomes an image on top of another one.</summary>
public sealed record CommitOptions
{
    /// <summary>What to call it; null for no name.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>How to run it; null for just as the image below.</summary>
    public ContainerConfig? Config { get; init; }

    /// <summary>By which command it came to be, for its history.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Who made it.</summary>
    public string? Author { get; init; }

    /// <summary>A note for its history.</summary>
    public string? Message { get; init; }

    /// <summary>When it was made; null for now.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Later times of modification become this one; null to keep them all.</summary>
    public TarTime? Latest { get; init; }

    /// <summary>What does not belong to the layer; null for nothing.</summary>
    public MountStubs? LeftOut { get; init; }

    /// <summary>The ids of the container, where they are not the host's: the layer has the container's.</summary>
    public IdRange? Ids { get; init; }

    /// <summary>How the layer is packed.</summary>
    public LayerCompression Compression { get; init; }

    /// <summary>Is told how many more bytes of the layer are packed; null for nobody.</summary>
    public Action<long>? Passed { get; init; }
}
