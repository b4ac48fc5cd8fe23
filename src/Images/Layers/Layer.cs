using Rundlet.Oci;

namespace Rundlet.Images.Layers;

/// <summary>A layer that is unpacked and complete.</summary>
/// <param name="ChainId">Its name in the store.</param>
/// <param name="DiffId">The digest of its uncompressed archive.</param>
/// <param name="Size">Bytes of file content in it.</param>
public sealed record Layer(Digest ChainId, Digest DiffId, long Size);
