using Rundlet.Images.Diffs;

namespace Rundlet.Engine.Options;

/// <summary>What a user wants of <c>commit</c>.</summary>
public sealed record CommitRequest
{
    /// <summary>What to call the image; null for no name.</summary>
    public string? Name { get; init; }

    /// <summary>Who made it.</summary>
    public string? Author { get; init; }

    /// <summary>A note for its history.</summary>
    public string? Message { get; init; }

    /// <summary>Changes of how to run it, in order; see <see cref="ConfigChange"/>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>Whether a container that runs stands still meanwhile.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>When it was made, and the latest time that a file in the layer has; null for now, and for files as they are.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>How the layer is packed.</summary>
    public LayerCompression Compression { get; init; }

    /// <summary>Is told how many more bytes of the layer are packed; null for nobody.</summary>
    public Action<long>? Passed { get; init; }
}
