using Rundlet.Images.References;

namespace Rundlet.Images;

/// <summary>An image that was taken in from an archive.</summary>
/// <param name="Name">What it is called now; null when the archive has no name for it.</param>
/// <param name="Image">The image.</param>
public sealed record LoadedImage(ImageReference? Name, ImageRecord Image);
