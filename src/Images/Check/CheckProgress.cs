namespace Rundlet.Images.Check;

/// <summary>Where a check of the store stands.</summary>
/// <param name="Kind">What is checked just now: first all blobs, then all layers.</param>
/// <param name="Done">Packed bytes that were read of these.</param>
/// <param name="Total">Packed bytes of all of these.</param>
/// <param name="IsFinal">Whether these are through.</param>
public readonly record struct CheckProgress(StoreProblemKind Kind, long Done, long Total, bool IsFinal);
