using Rundlet.Cli.CommandLine;
using Rundlet.Linux;

namespace Rundlet.Cli.Output.Progress;

/// <summary>How far one long stream of bytes has come, on a terminal's standard error; elsewhere only where the flags ask for it.</summary>
internal sealed class TransferProgress : IDisposable
{
    private const long Step = 1 << 20;

    private readonly IProgressDisplay _display;
    private readonly string _what;
    private readonly string _state;
    private long _done;
    private long _total;
    private long _told = -Step;

    /// <summary>Begins on a display that others use too.</summary>
    public TransferProgress(IProgressDisplay display, string what, string state)
    {
        _display = display;
        _what = what;
        _state = state;
    }

    /// <summary>Begins.</summary>
    /// <param name="arguments">With the flags of <see cref="ProgressDisplay.Options"/>.</param>
    /// <param name="what">What is written or read: <c>archive</c>.</param>
    /// <param name="state">What happens to it: <c>Saving</c>.</param>
    /// <exception cref="ContainerException">InvalidArgument: there is no such display.</exception>
    public static TransferProgress Open(Arguments arguments, string what, string state) =>
        new(ProgressDisplay.Open(arguments, fd: 2, unasked: false), what, state);

    /// <summary>So many bytes will it be; 0 where nobody knows.</summary>
    public void Expect(long total) => _total = total;

    /// <summary>So many more are through.</summary>
    public void Add(long bytes)
    {
        _done += bytes;
        if (_done - _told < Step)
            return;
        _told = _done;
        _display.Report(new ProgressEvent(_what, _state, _total > 0 ? Math.Min(_done, _total) : _done, _total));
    }

    /// <summary>All are.</summary>
    /// <param name="state">What was done: <c>Saved</c>.</param>
    public void Finish(string state) => _display.Report(new ProgressEvent(_what, $"{state} {Human.Decimal((ulong)_done)}", IsFinal: true));

    /// <inheritdoc/>
    public void Dispose() => _display.Dispose();
}
