namespace Rundlet.Images.Tar;

/// <summary>A stored piece of a sparse file; between two pieces is a hole.</summary>
/// <param name="Offset">Where in the file it begins, in bytes.</param>
/// <param name="Length">How long it is, in bytes.</param>
public readonly record struct TarSegment(long Offset, long Length);
