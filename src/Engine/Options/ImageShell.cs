namespace Rundlet.Engine.Options;

/// <summary>
/// What an image's commands are run by that are written as a line (Dockerfile reference, "Shell form"). It is data of the image, for
/// inside of its containers; nothing of ours is ever done by a shell, and this is the only file that may name one.
/// </summary>
internal static class ImageShell
{
    /// <summary>Of an image that names no other.</summary>
    public static IReadOnlyList<string> Default { get; } = ["/bin/sh", "-c"];
}
