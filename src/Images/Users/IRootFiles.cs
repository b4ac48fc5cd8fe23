using Rundlet.Linux;

namespace Rundlet.Images.Users;

/// <summary>The files of a container's root, wherever they are: a mounted root, a layer, or a stack of layers.</summary>
public interface IRootFiles
{
    /// <summary>Reads a small regular file whole; null when there is none.</summary>
    /// <param name="path">From the container's root.</param>
    /// <param name="limit">The most to accept, in bytes.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: it is longer, not a regular file, or its path goes in circles.
    /// </exception>
    byte[]? TryReadFile(string path, int limit);
}
