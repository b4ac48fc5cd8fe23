namespace Rundlet.Cli.Output.Progress;

/// <summary>Shows nothing.</summary>
internal sealed class SilentProgress : IProgressDisplay
{
    /// <inheritdoc/>
    public void Report(ProgressEvent progress)
    {
        // that is the point
    }

    /// <inheritdoc/>
    public void Say(string line)
    {
        // that is the point
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // there is nothing to end
    }
}
