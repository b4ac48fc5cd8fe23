using Rundlet.Oci;

namespace Rundlet.Images.References;

/// <summary>What must stay while contents are removed.</summary>
/// <param name="Blobs">Blobs of images, and leased ones.</param>
/// <param name="Layers">Chain ids of layers of images, and leased ones.</param>
public sealed record ContentInUse(IReadOnlySet<Digest> Blobs, IReadOnlySet<Digest> Layers);
