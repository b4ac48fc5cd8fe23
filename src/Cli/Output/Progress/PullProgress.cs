using System.Collections.Concurrent;
using Rundlet.Images.Pull;
using Rundlet.Oci;

namespace Rundlet.Cli.Output.Progress;

/// <summary>What the image store says about one pull, in docker's words.</summary>
/// <param name="display">Where it is shown.</param>
internal sealed class PullProgress(IProgressDisplay display) : IPullProgress
{
    private const int ShortId = 12;

    private readonly ConcurrentDictionary<Digest, bool> _present = new();

    /// <inheritdoc/>
    public void Report(LayerProgress progress)
    {
        string id = progress.Blob.Hex[..ShortId];
        switch (progress.Phase)
        {
            case LayerPhase.Waiting:
                display.Report(new ProgressEvent(id, "Waiting"));
                break;
            case LayerPhase.Downloading:
                display.Report(new ProgressEvent(id, "Downloading", progress.Done, progress.Total));
                break;
            case LayerPhase.Extracting:
                display.Report(new ProgressEvent(id, "Extracting", progress.Done, progress.Total));
                break;
            case LayerPhase.Verified:
                display.Report(new ProgressEvent(id, "Download complete"));
                break;
            case LayerPhase.Present:
                _present[progress.Blob] = true;
                display.Report(new ProgressEvent(id, "Already exists", IsFinal: true));
                break;
            case LayerPhase.Complete when !_present.ContainsKey(progress.Blob): // nothing of the others was pulled
                display.Report(new ProgressEvent(id, "Pull complete", IsFinal: true));
                break;
        }
    }
}
