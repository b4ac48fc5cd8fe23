using Rundlet.Oci;

namespace Rundlet.Cli.Tests;

/// <summary>An image's documents and layers.</summary>
internal sealed class Picture
{
    /// <summary>Everything by digest.</summary>
    public Dictionary<Digest, byte[]> Blobs { get; } = [];

    /// <summary>What a reference names.</summary>
    public Descriptor Top { get; set; } = null!;

    /// <summary>Adds a blob.</summary>
    public Descriptor Add(byte[] bytes, string mediaType)
    {
        Digest digest = Digest.Of(bytes);
        Blobs[digest] = bytes;
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = bytes.Length };
    }
}
