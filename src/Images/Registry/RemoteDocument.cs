using Rundlet.Oci;

namespace Rundlet.Images.Registry;

/// <summary>A manifest or an index as a registry has it.</summary>
public sealed record RemoteDocument
{
    /// <summary>Its type without parameters, one of <see cref="MediaTypes"/>; the document does not contradict it.</summary>
    public required string MediaType { get; init; }

    /// <summary>Its name. Where there are <see cref="Bytes"/> it was computed from them.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The document, at most 4 MiB; empty where only its head was asked for.</summary>
    public byte[] Bytes { get; init; } = [];
}
