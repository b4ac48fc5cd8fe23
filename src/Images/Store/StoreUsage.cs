namespace Rundlet.Images;

/// <summary>The space that all images take.</summary>
/// <param name="Images">Each image.</param>
/// <param name="Size">Bytes of all blobs and of the content of all unpacked layers, each counted once.</param>
/// <param name="Reclaimable">How many of them no container's image has.</param>
public sealed record StoreUsage(IReadOnlyList<ImageUsage> Images, long Size, long Reclaimable);
