namespace Rundlet.Cli.Output.Progress;

/// <summary>
/// A JSON object a line, in the members of docker's API: <c>{"id":"4f4fb700ef54","status":"Downloading","progressDetail":{"current":1,"total":2}}</c>.
/// A part that only got further is told ten times a second at most.
/// </summary>
/// <param name="write">Gets whole lines.</param>
/// <param name="time">The clock.</param>
internal sealed class JsonProgress(Action<string> write, TimeProvider time) : IProgressDisplay
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string State, long At)> _last = [];

    /// <inheritdoc/>
    public void Report(ProgressEvent progress)
    {
        lock (_lock)
        {
            if (_last.TryGetValue(progress.Id, out (string State, long At) last) && last.State == progress.State && time.GetElapsedTime(last.At) < s_interval)
                return;
            _last[progress.Id] = (progress.State, time.GetTimestamp());
            write(Json.Object(json =>
            {
                json.WriteString("id"u8, progress.Id);
                json.WriteString("status"u8, progress.State);
                if (progress.Total <= 0 && progress.Done <= 0)
                    return;
                json.WriteStartObject("progressDetail"u8);
                json.WriteNumber("current"u8, progress.Done);
                if (progress.Total > 0)
                    json.WriteNumber("total"u8, progress.Total);
                json.WriteEndObject();
            }) + "\n");
        }
    }

    /// <inheritdoc/>
    public void Say(string line)
    {
        lock (_lock)
            write(Json.Object(json => json.WriteString("status"u8, line)) + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // every line is out
    }
}
