using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Unpack;

namespace Rundlet.Images;

/// <summary>How images are taken in from an archive.</summary>
public sealed record LoadOptions
{
    /// <summary>What to call the image, which must then be the only one; null for the names in the archive.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>What images of several platforms are wanted for; null for this machine.</summary>
    public ImagePlatform? Platform { get; init; }

    /// <summary>What the archive, and each layer in it, may cost.</summary>
    public UnpackLimits Limits { get; init; } = UnpackLimits.Default;

    /// <summary>Is told how the layers are unpacked; null for nobody.</summary>
    public IPullProgress? Progress { get; init; }
}
