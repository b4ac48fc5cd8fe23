using Rundlet.Oci;

namespace Rundlet.Images.Push;

/// <summary>Where a blob stands on its way to a registry.</summary>
/// <param name="Blob">Its digest.</param>
/// <param name="Phase">What happens to it.</param>
/// <param name="Done">Bytes that were sent.</param>
/// <param name="Total">Bytes in all.</param>
public readonly record struct BlobProgress(Digest Blob, PushPhase Phase, long Done, long Total);
