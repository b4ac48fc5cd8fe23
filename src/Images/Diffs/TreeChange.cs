namespace Rundlet.Images.Diffs;

/// <summary>A change of a tree.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">To which file: bytes, from the root, beginning with a slash.</param>
public sealed record TreeChange(TreeChangeKind Kind, byte[] Path);
