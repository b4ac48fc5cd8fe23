namespace Rundlet.Images.Diffs;

/// <summary>How a new layer is packed.</summary>
public enum LayerCompression
{
    /// <summary>gzip, which every registry and runtime reads.</summary>
    Gzip,

    /// <summary>zstd: smaller and faster; Docker before 23 does not read it.</summary>
    Zstd,

    /// <summary>Not at all.</summary>
    None,
}
