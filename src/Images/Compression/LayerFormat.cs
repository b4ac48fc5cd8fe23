namespace Rundlet.Images.Compression;

/// <summary>How a layer's archive is packed.</summary>
internal enum LayerFormat
{
    /// <summary>Not at all.</summary>
    Tar,

    /// <summary>RFC 1952.</summary>
    Gzip,

    /// <summary>RFC 8878.</summary>
    Zstd,
}
