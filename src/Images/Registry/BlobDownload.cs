namespace Rundlet.Images.Registry;

/// <summary>A blob on its way here.</summary>
public sealed class BlobDownload : IDisposable
{
    internal BlobDownload(Stream stream, long offset)
    {
        Stream = stream;
        Offset = offset;
    }

    /// <summary>
    /// The bytes from <see cref="Offset"/> to the end of the blob, never more. Made to be read by a thread of its own: a read blocks, and
    /// begins again by itself where the connection drops. It ends with a <see cref="Linux.ContainerException"/> where that is in vain.
    /// The bytes are not verified.
    /// </summary>
    public Stream Stream { get; }

    /// <summary>Where in the blob the stream begins, in bytes: what was asked for, or 0 where the registry cannot begin in the middle.</summary>
    public long Offset { get; }

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();
}
