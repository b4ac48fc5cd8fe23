using Rundlet.Oci;

namespace Rundlet.Images.Pull;

/// <summary>A layer that should be here, packed and unpacked.</summary>
/// <param name="Blob">The packed layer.</param>
/// <param name="ChainId">Its name when it is unpacked.</param>
/// <param name="DiffId">The digest of its archive.</param>
/// <param name="Below">Chain ids of the layers below, lowest first.</param>
internal sealed record LayerTask(Descriptor Blob, Digest ChainId, Digest DiffId, IReadOnlyList<Digest> Below);
