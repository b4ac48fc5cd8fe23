using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Engine.Stats;
using Rundlet.Linux;

namespace Rundlet.Cli.Top;

// What belongs in this folder: the full-screen view of all containers. The main thread draws and takes keys; what may take long (stopping
// a container, following its log) has a thread and an engine of its own, and tells the main thread when there is something to show.

/// <summary>The live view of all containers on the whole terminal.</summary>
internal sealed class LiveView : IDisposable
{
    private const int IntervalMilliseconds = 2_000;
    private const int LeastFrameMilliseconds = 50;
    private const int MessageMilliseconds = 6_000;

    private readonly Session _session;
    private readonly ContainerEngine _engine;
    private readonly ContainerSampler _sampler;
    private readonly ScreenEvents _events = new();
    private readonly Screen _screen;
    private readonly Style _style = Style.FromEnvironment();
    private readonly TopTable _table = new();
    private readonly Lock _lock = new();
    private (string Text, long Until) _message = ("", 0);
    private TextPane? _pane;
    private LogTail? _logs;
    private string? _typedFilter;
    private (TopAction Action, ContainerRecord Record)? _question;
    private long _due;
    private bool _ends;

    private LiveView(Session session)
    {
        _session = session;
        _engine = session.OpenEngine();
        _sampler = new ContainerSampler(_engine, [], all: true);
        _screen = new Screen();
    }

    /// <summary>Shows it until the user or a signal ends it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ContainerException">InvalidArgument: there is no terminal; or the engine cannot be opened.</exception>
    public static int Show(Session session)
    {
        if (!Screen.IsPossible)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "the live view needs a terminal") { Hint = "rundlet stats --no-stream prints once what containers use" };
        using LiveView view = new(session);
        return view.Run();
    }

    private int Run()
    {
        List<Key> keys = [];
        while (!_ends)
        {
            if (Environment.TickCount64 >= Volatile.Read(ref _due))
                Look();
            _screen.Draw(Lines());
            long drawn = Environment.TickCount64;
            keys.Clear();
            ScreenEvent happened = _events.Wait((int)Math.Clamp(Volatile.Read(ref _due) - drawn, 0, IntervalMilliseconds), keys);
            // A log that grows fast must not be drawn for each of its lines.
            if (happened == ScreenEvent.News && Environment.TickCount64 - drawn < LeastFrameMilliseconds)
                happened |= _events.Wait(LeastFrameMilliseconds, keys);
            if (happened.HasFlag(ScreenEvent.End))
                return 128 + _events.EndSignal;
            if (happened.HasFlag(ScreenEvent.Suspend))
                _screen.Suspend();
            else if (happened.HasFlag(ScreenEvent.Continued))
                _screen.Retake();
            else if (happened.HasFlag(ScreenEvent.Resized))
                _screen.Forget();
            foreach (Key key in keys)
                Press(key);
        }
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _logs?.Dispose();
        _screen.Dispose();
        _events.Dispose();
        _engine.Dispose();
    }

    private void Look()
    {
        Volatile.Write(ref _due, Environment.TickCount64 + IntervalMilliseconds);
        try
        {
            _table.Update(_sampler.Take());
        }
        catch (Exception e) when (ErrorReport.IsOurs(e))
        {
            Say(e.Message); // the next look may do better
        }
    }

    private void Say(string text)
    {
        lock (_lock)
            _message = (SafeText.Of(text), Environment.TickCount64 + MessageMilliseconds);
    }

    private List<string> Lines()
    {
        (int columns, int rows) = Screen.Size;
        if (_pane is not null)
            return _pane.Draw(columns, rows, _style);
        List<string> lines = [TextWidth.Cut(Summary(), columns)];
        lines.AddRange(_table.Draw(columns, Math.Max(2, rows - 2), _style));
        while (lines.Count < rows - 1)
            lines.Add("");
        lines.Add(Footer(columns));
        return lines;
    }

    private string Summary()
    {
        double cpu = 0, memory = 0;
        int running = 0;
        foreach (ContainerSample sample in _table.Samples)
        {
            cpu += sample.Rates.CpuPercent;
            memory += sample.Stats?.Memory ?? 0;
            running += sample.Standing.IsRunning ? 1 : 0;
        }
        string shown = _table.Filter.Length > 0 ? $", {_table.Shown.Count} with '{SafeText.Of(_table.Filter)}'" : "";
        return $"rundlet: {running} of {_table.Samples.Count} containers run{shown}   CPU {Human.Percent(cpu)}   memory {Human.Binary((ulong)memory)}   by {TopColumns.All[_table.SortColumn].Heading}";
    }

    private string Footer(int columns)
    {
        if (_typedFilter is { } typed)
            return TextWidth.Cut($"show only: {SafeText.Of(typed)}_   Enter keeps it, Esc ends it", columns);
        if (_question is { } question)
            return _style.Strong(TextWidth.Cut($"{question.Action.Verb} '{SafeText.Of(question.Record.Name)}'? y/N", columns));
        lock (_lock)
        {
            if (Environment.TickCount64 < _message.Until)
                return TextWidth.Cut(_message.Text, columns);
        }
        return TopHelp.Keys(columns, _style);
    }

    private void Press(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Interrupt:
                _ends = true;
                break;
            case KeyKind.Suspend:
                _screen.Suspend();
                break;
            case KeyKind.Redraw:
                _screen.Forget();
                break;
            default:
                if (_pane is not null)
                    ClosePaneIf(_pane.Press(key));
                else if (_typedFilter is not null)
                    TypeFilter(key);
                else if (_question is not null)
                    Answer(key);
                else
                    PressInTable(key);
                break;
        }
    }

    private void PressInTable(Key key)
    {
        int page = Math.Max(1, Screen.Size.Rows - 3);
        switch (key.Kind)
        {
            case KeyKind.Up:
                _table.Move(-1);
                break;
            case KeyKind.Down:
                _table.Move(1);
                break;
            case KeyKind.PageUp:
                _table.Move(-page);
                break;
            case KeyKind.PageDown:
                _table.Move(page);
                break;
            case KeyKind.Home:
                _table.Move(int.MinValue);
                break;
            case KeyKind.End:
                _table.Move(int.MaxValue);
                break;
            case KeyKind.Left:
                _table.SortBy(-1);
                break;
            case KeyKind.Right:
                _table.SortBy(1);
                break;
            case KeyKind.Escape:
                _table.FilterBy("");
                break;
            case KeyKind.Enter:
                Inspect();
                break;
            case KeyKind.Character when key.Character.IsBmp:
                PressInTable((char)key.Character.Value);
                break;
        }
    }

    private void PressInTable(char key)
    {
        switch (key)
        {
            case 'q':
                _ends = true;
                break;
            case '<':
                _table.SortBy(-1);
                break;
            case '>':
                _table.SortBy(1);
                break;
            case 'o':
                _table.Reverse();
                break;
            case 'a':
                _table.ToggleRunning();
                break;
            case '/':
                _typedFilter = _table.Filter;
                break;
            case '?' or 'h':
                _pane = new TextPane("rundlet top: keys", () => TopHelp.Lines, follows: false);
                break;
            case 'l' when _table.Selected is { } selected:
                _logs = new LogTail(_session.OpenEngine, selected.Record.Id, () => _events.Tell(ScreenEvent.News));
                _pane = new TextPane($"logs of {SafeText.Of(selected.Record.Name)}", _logs.Lines, follows: true);
                break;
            case 'i':
                Inspect();
                break;
            default:
                if (_table.Selected is { } container && TopAction.Of(key, container) is { } action)
                    _question = (action, container.Record);
                break;
        }
    }

    private void ClosePaneIf(bool closes)
    {
        if (!closes)
            return;
        _pane = null;
        _logs?.Dispose();
        _logs = null;
    }

    private void TypeFilter(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Enter:
                _typedFilter = null;
                return;
            case KeyKind.Escape:
                _typedFilter = null;
                _table.FilterBy("");
                return;
            case KeyKind.Backspace when _typedFilter!.Length > 0:
                _typedFilter = _typedFilter[..^(char.IsLowSurrogate(_typedFilter[^1]) ? 2 : 1)];
                break;
            case KeyKind.Character:
                _typedFilter += key.Character.ToString();
                break;
        }
        _table.FilterBy(_typedFilter!);
    }

    private void Answer(Key key)
    {
        (TopAction action, ContainerRecord record) = _question!.Value;
        _question = null;
        if (key is not { Kind: KeyKind.Character, Character.Value: 'y' or 'Y' })
            return;
        Say($"{record.Name}: {action.Verb} …");
        new Thread(() => Act(action, record), 512 << 10) { IsBackground = true, Name = action.Verb }.Start();
    }

    private void Act(TopAction action, ContainerRecord record)
    {
        try
        {
            using ContainerEngine engine = _session.OpenEngine();
            action.Run(engine, record);
            Say($"{record.Name}: {action.Done}");
        }
        catch (Exception e)
        {
            // Nothing may end the view, which has the terminal.
            Say($"{record.Name}: {e.Message}");
        }
        Volatile.Write(ref _due, 0); // what it changed is looked at at once
        _events.Tell(ScreenEvent.News);
    }

    private void Inspect()
    {
        if (_table.Selected is not { } selected)
            return;
        try
        {
            InspectContainer container = InspectContainer.Run(_engine, selected.Record);
            string[] lines = [.. Json.Array([json => ContainerJson.Write(json, _engine.Paths, container)]).Split('\n').Select(SafeText.Of)];
            _pane = new TextPane($"inspect {SafeText.Of(selected.Record.Name)}", () => lines, follows: false);
        }
        catch (Exception e) when (ErrorReport.IsOurs(e))
        {
            Say(e.Message);
        }
    }
}
