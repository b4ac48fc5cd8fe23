using Rundlet.Images.References;

namespace Rundlet.Images.Archives;

/// <summary>An image on its way into an archive.</summary>
/// <param name="Image">The image.</param>
/// <param name="Names">What it is called there; sorted, may be empty.</param>
internal sealed record SavedImage(Image Image, IReadOnlyList<ImageReference> Names);
