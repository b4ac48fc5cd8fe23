namespace Rundlet.Images.Diffs;

/// <summary>What a tree is that is packed.</summary>
public enum TreeForm
{
    /// <summary>All there is: every file is packed as it stands.</summary>
    Whole,

    /// <summary>The upper folder of an overlay: what says that something is gone becomes a whiteout (image-spec, layer.md).</summary>
    OverlayUpper,
}
