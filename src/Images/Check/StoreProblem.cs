using Rundlet.Oci;

namespace Rundlet.Images.Check;

/// <summary>Something in the store that is not as it should be.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Subject">Which blob or, by its chain id, layer.</param>
/// <param name="Problem">What is wrong, in words.</param>
/// <param name="Images">References of the images that need it; their ids where they have none.</param>
public sealed record StoreProblem(StoreProblemKind Kind, Digest Subject, string Problem, IReadOnlyList<string> Images)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Kind == StoreProblemKind.Blob ? "blob" : "layer")} '{Subject}' {Problem}{(Images.Count == 0 ? "" : $", needed by {string.Join(", ", Images)}")}";
}
