using Rundlet.Images;
using Rundlet.Images.References;

namespace Rundlet.Cli.Output;

/// <summary>What a removal of images did, in docker's words.</summary>
internal static class ImageRemoval
{
    /// <summary>The lines of <c>rmi</c>, without the end of the last; null for none.</summary>
    public static string? Lines(RemovedImages removed)
    {
        string lines = string.Join('\n', Words(removed, "Untagged", "Deleted"));
        return lines.Length > 0 ? lines : null;
    }

    /// <summary>The lines of <c>prune</c>: what went, and how much space that gave.</summary>
    public static string PruneText(RemovedImages removed)
    {
        List<string> lines = [.. Words(removed, "untagged", "deleted")];
        string list = lines.Count > 0 ? $"Deleted Images:\n{string.Join('\n', lines)}\n\n" : "";
        return $"{list}Total reclaimed space: {Human.Decimal((ulong)removed.Bytes)}\n";
    }

    private static IEnumerable<string> Words(RemovedImages removed, string untagged, string deleted) =>
        removed.Untagged.Select(name => $"{untagged}: {ImageReference.Parse(name).Familiar}")
            .Concat(removed.Deleted.Concat(removed.Layers).Distinct().Select(digest => $"{deleted}: {digest}"));
}
