using Rundlet.Oci;

namespace Rundlet.Images.Pull;

/// <summary>Where a layer stands on its way into the store.</summary>
/// <param name="Blob">Its digest in the registry.</param>
/// <param name="Phase">What happens to it.</param>
/// <param name="Done">Bytes of the packed layer that are here.</param>
/// <param name="Total">Bytes of the packed layer.</param>
public readonly record struct LayerProgress(Digest Blob, LayerPhase Phase, long Done, long Total);
