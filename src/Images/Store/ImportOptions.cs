using Rundlet.Images.Platforms;
using Rundlet.Images.Unpack;
using Rundlet.Oci;

namespace Rundlet.Images;

/// <summary>What an imported root file system does not say by itself.</summary>
public sealed record ImportOptions
{
    /// <summary>How to run it; null: nothing is set, so a command must be given to run it.</summary>
    public ContainerConfig? Config { get; init; }

    /// <summary>What it is made for; null for this machine.</summary>
    public ImagePlatform? Platform { get; init; }

    /// <summary>A note for the image's history.</summary>
    public string? Message { get; init; }

    /// <summary>When the image was made; null for now.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>What the archive may cost.</summary>
    public UnpackLimits Limits { get; init; } = UnpackLimits.Default;
}
