namespace Rundlet.Cli.Output.Progress;

/// <summary>A line for each new state of a part, as docker prints where there is no terminal: <c>4f4fb700ef54: Pull complete</c>.</summary>
/// <param name="write">Gets whole lines.</param>
internal sealed class PlainProgress(Action<string> write) : IProgressDisplay
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _states = [];

    /// <inheritdoc/>
    public void Report(ProgressEvent progress)
    {
        lock (_lock)
        {
            if (_states.TryGetValue(progress.Id, out string? known) && known == progress.State)
                return;
            _states[progress.Id] = progress.State;
            write($"{progress.Id}: {progress.State}\n");
        }
    }

    /// <inheritdoc/>
    public void Say(string line)
    {
        lock (_lock)
            write(line + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // every line is out
    }
}
