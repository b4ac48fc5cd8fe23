namespace Rundlet.Images.Push;

/// <summary>How an image is pushed.</summary>
public sealed record PushOptions
{
    /// <summary>How many blobs are sent at once; 1 to 64, default 4.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Is told how the blobs go; null for nobody.</summary>
    public IPushProgress? Progress { get; init; }
}
