using Rundlet.Images.Pull;

namespace Rundlet.Cli.Output.Progress;

/// <summary>What the image store says about the layers of an archive: they are all there, and only have to be unpacked.</summary>
/// <param name="display">Where it is shown.</param>
internal sealed class LoadProgress(IProgressDisplay display) : IPullProgress
{
    private const int ShortId = 12;

    /// <inheritdoc/>
    public void Report(LayerProgress progress)
    {
        string id = progress.Blob.Hex[..ShortId];
        display.Report(progress.Phase switch
        {
            LayerPhase.Waiting => new ProgressEvent(id, "Waiting"),
            LayerPhase.Present => new ProgressEvent(id, "Already exists", IsFinal: true),
            LayerPhase.Complete => new ProgressEvent(id, "Loaded", IsFinal: true),
            _ => new ProgressEvent(id, "Loading", progress.Done, progress.Total),
        });
    }
}
