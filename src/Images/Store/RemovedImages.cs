using Rundlet.Oci;

namespace Rundlet.Images;

/// <summary>What a removal did.</summary>
/// <param name="Untagged">References that were forgotten, in normal form.</param>
/// <param name="Deleted">Images that were removed: their ids.</param>
/// <param name="Layers">Layers that were removed: their chain ids.</param>
/// <param name="Bytes">How much space became free: packed and unpacked layers, documents, leftovers.</param>
public sealed record RemovedImages(IReadOnlyList<string> Untagged, IReadOnlyList<Digest> Deleted, IReadOnlyList<Digest> Layers, long Bytes);
