namespace Rundlet.Images.Diffs;

/// <summary>What happened to a file.</summary>
public enum TreeChangeKind
{
    /// <summary>It is another one than before, or a folder in which something happened.</summary>
    Changed,

    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is gone.</summary>
    Deleted,
}
