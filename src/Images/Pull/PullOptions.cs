using Rundlet.Images.References;
using Rundlet.Images.Unpack;
using Rundlet.Oci;

namespace Rundlet.Images.Pull;

/// <summary>How an image is pulled.</summary>
public sealed record PullOptions
{
    /// <summary>Picks an image from an index; null for this machine's.</summary>
    public Func<ImageIndex, Descriptor?>? Choose { get; init; }

    /// <summary>Whether an image will do to which no index led, so that nobody could choose; null for any.</summary>
    public Func<ImageConfig, bool>? Accepts { get; init; }

    /// <summary>What the platform is called in messages; null for this machine's.</summary>
    public string? PlatformName { get; init; }

    /// <summary>How many layers are fetched at once; 1 to 64, default 3.</summary>
    public int Parallel { get; init; } = 3;

    /// <summary>What a layer may cost.</summary>
    public UnpackLimits Limits { get; init; } = UnpackLimits.Default;

    /// <summary>
    /// Asked before anything of the image is kept, with what the reference names and the manifest that was chosen: throws when the image
    /// is not to be trusted. Null trusts all.
    /// </summary>
    public Func<ImageReference, Digest, Digest, CancellationToken, Task>? Verify { get; init; }

    /// <summary>Is told how the layers come; null for nobody.</summary>
    public IPullProgress? Progress { get; init; }
}
