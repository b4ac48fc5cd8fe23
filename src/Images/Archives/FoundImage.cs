using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Archives;

/// <summary>An image that an archive holds, all of whose documents are in the store.</summary>
/// <param name="Names">What the archive calls it; may be empty.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Indexes">The indexes that led to it, the outermost first.</param>
internal sealed record FoundImage(IReadOnlyList<ImageReference> Names, Descriptor Manifest, IReadOnlyList<Descriptor> Indexes);
