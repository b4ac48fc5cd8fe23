using Rundlet.Images.Tar;
using Rundlet.Images.Users;

namespace Rundlet.Images.Diffs;

/// <summary>How a tree is packed.</summary>
public sealed record PackOptions
{
    /// <summary>The defaults: a whole tree, with the times that it has.</summary>
    public static PackOptions Default { get; } = new();

    /// <summary>What the tree is.</summary>
    public TreeForm Form { get; init; }

    /// <summary>Later times of modification become this one; null to keep them all.</summary>
    public TarTime? Latest { get; init; }

    /// <summary>The ids of the container that wrote the tree, where they are not the host's: the archive has the container's.</summary>
    public IdRange? Ids { get; init; }

    /// <summary>What is not packed; null for nothing.</summary>
    public MountStubs? LeftOut { get; init; }
}
