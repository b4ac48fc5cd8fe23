using System.Globalization;
using Rundlet.Images;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Operations;

/// <summary>One step that an image was made in.</summary>
/// <param name="ImageId">The image's id, for the last step; null for others: no image of theirs is kept.</param>
/// <param name="Created">When; null where the image does not say.</param>
/// <param name="CreatedBy">By which command; empty where the image does not say.</param>
/// <param name="Size">Bytes of files in its layer, or of the packed layer while it is not unpacked; 0 for a step without one.</param>
/// <param name="Comment">The builder's note.</param>
public sealed record HistoryStep(Digest? ImageId, DateTimeOffset? Created, string CreatedBy, long Size, string Comment);

/// <summary>How an image came to be.</summary>
public static class ImageHistory
{
    /// <summary>The steps, the last first. Layers that no step accounts for are steps without a command.</summary>
    /// <exception cref="ContainerException">NotFound, or InvalidArgument: no name.</exception>
    public static List<HistoryStep> Run(ContainerEngine engine, string nameOrId)
    {
        Image image = engine.Images.Inspect(nameOrId);
        IReadOnlyList<HistoryEntry> entries = image.Config.History ?? [];
        List<HistoryStep> steps = [];
        int layer = 0;
        foreach (HistoryEntry entry in entries)
        {
            bool hasLayer = !entry.EmptyLayer && layer < image.Manifest.Layers.Count;
            steps.Add(new HistoryStep(null, Moment(entry.Created), entry.CreatedBy ?? "", hasLayer ? SizeOf(engine, image, layer) : 0, entry.Comment ?? ""));
            layer += hasLayer ? 1 : 0;
        }
        for (; layer < image.Manifest.Layers.Count; layer++)
            steps.Add(new HistoryStep(null, null, "", SizeOf(engine, image, layer), ""));
        if (steps.Count > 0)
            steps[^1] = steps[^1] with { ImageId = image.Id };
        steps.Reverse();
        return steps;
    }

    private static long SizeOf(ContainerEngine engine, Image image, int layer) =>
        layer < image.Record.Layers.Count && engine.Images.Store.Layers.TryGet(image.Record.Layers[layer]) is { } unpacked ? unpacked.Size : image.Manifest.Layers[layer].Size;

    private static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out DateTimeOffset moment) ? moment : null;
}
