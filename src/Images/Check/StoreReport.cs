namespace Rundlet.Images.Check;

/// <summary>What a check of the store found.</summary>
/// <param name="Blobs">How many blobs were verified.</param>
/// <param name="Layers">How many unpacked layers were compared with their archive.</param>
/// <param name="Problems">What is wrong.</param>
public sealed record StoreReport(int Blobs, int Layers, IReadOnlyList<StoreProblem> Problems);
