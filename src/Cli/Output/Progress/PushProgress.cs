using Rundlet.Images.Push;

namespace Rundlet.Cli.Output.Progress;

/// <summary>What the image store says about a push, in docker's words.</summary>
/// <param name="display">Where it is shown.</param>
internal sealed class PushProgress(IProgressDisplay display) : IPushProgress
{
    private const int ShortId = 12;

    /// <inheritdoc/>
    public void Report(BlobProgress progress) => display.Report(progress.Phase switch
    {
        PushPhase.Waiting => new ProgressEvent(IdOf(progress), "Waiting"),
        PushPhase.Packing => new ProgressEvent(IdOf(progress), "Packing", progress.Done, progress.Total),
        PushPhase.Packed => new ProgressEvent(IdOf(progress), "Packed", IsFinal: true),
        PushPhase.Pushing => new ProgressEvent(IdOf(progress), "Pushing", progress.Done, progress.Total),
        PushPhase.Present => new ProgressEvent(IdOf(progress), "Layer already exists", IsFinal: true),
        PushPhase.Mounted => new ProgressEvent(IdOf(progress), "Mounted from another repository", IsFinal: true),
        PushPhase.Skipped => new ProgressEvent(IdOf(progress), "Skipped foreign layer", IsFinal: true),
        _ => new ProgressEvent(IdOf(progress), "Pushed", IsFinal: true),
    });

    private static string IdOf(BlobProgress progress) => progress.Blob.Hex[..ShortId];
}
