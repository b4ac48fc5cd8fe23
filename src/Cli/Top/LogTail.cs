using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Logs;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Top;

/// <summary>The last lines that a container wrote, kept up to date by a thread of its own until it is disposed.</summary>
internal sealed class LogTail : IDisposable
{
    private const int Most = 2_000;

    private readonly Queue<string> _lines = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Func<ContainerEngine> _open;
    private readonly string _id;
    private readonly Action _changed;

    /// <summary>Begins to read.</summary>
    /// <param name="open">Opens an engine for the thread.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="changed">Called on that thread when there are more lines.</param>
    public LogTail(Func<ContainerEngine> open, string id, Action changed)
    {
        _open = open;
        _id = id;
        _changed = changed;
        new Thread(Follow, 256 << 10) { IsBackground = true, Name = "logs" }.Start();
    }

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines()
    {
        lock (_lines)
            return [.. _lines];
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Cancel();

    private void Follow()
    {
        try
        {
            using ContainerEngine engine = _open();
            LogRequest request = new() { Tail = Most, Follow = true };
            ContainerLogs.Run(engine, engine.Containers.Get(_id), request, record => Add(SafeText.OfLine(record.Text)), _changed, _ended.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e)
        {
            // Nothing may end the view, which has the terminal; what went wrong stands where the lines would.
            Add(SafeText.Of($"rundlet: {e.Message}"));
        }
        _changed();
    }

    private void Add(string line)
    {
        lock (_lines)
        {
            if (_lines.Count == Most)
                _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }
}
