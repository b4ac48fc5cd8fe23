using Rundlet.Images.Pull;

namespace Rundlet.Cli.Output.Progress;

/// <summary>What the image store says about a pull, in docker's words.</summary>
/// <param name="display">Where it is shown.</param>
internal sealed class PullProgress(IProgressDisplay display) : IPullProgress
{
    private const int ShortId = 12;

    /// <inheritdoc/>
    public void Report(LayerProgress progress) => display.Report(progress.Phase switch
    {
        LayerPhase.Waiting => new ProgressEvent(IdOf(progress), "Waiting"),
        LayerPhase.Downloading => new ProgressEvent(IdOf(progress), "Downloading", progress.Done, progress.Total),
        LayerPhase.Extracting => new ProgressEvent(IdOf(progress), "Extracting", progress.Done, progress.Total),
        LayerPhase.Verified => new ProgressEvent(IdOf(progress), "Download complete"),
        LayerPhase.Present => new ProgressEvent(IdOf(progress), "Already exists", IsFinal: true),
        _ => new ProgressEvent(IdOf(progress), "Pull complete", IsFinal: true),
    });

    private static string IdOf(LayerProgress progress) => progress.Blob.Hex[..ShortId];
}
