namespace Rundlet.Images.Check;

/// <summary>What a problem of the store is about.</summary>
public enum StoreProblemKind
{
    /// <summary>A blob.</summary>
    Blob,

    /// <summary>An unpacked layer.</summary>
    Layer,
}
