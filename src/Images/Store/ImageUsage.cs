using Rundlet.Images.References;

namespace Rundlet.Images;

/// <summary>The space that an image takes.</summary>
/// <param name="Image">The image.</param>
/// <param name="Names">Its references, in normal form; none for an image without a name.</param>
/// <param name="Size">Bytes of its blobs and of the content of its unpacked layers.</param>
/// <param name="Shared">How many of them other images have, too.</param>
/// <param name="Containers">Names of the containers that were made of it.</param>
public sealed record ImageUsage(ImageRecord Image, IReadOnlyList<string> Names, long Size, long Shared, IReadOnlyList<string> Containers)
{
    /// <summary>Bytes that only this image has.</summary>
    public long Unique => Size - Shared;
}
