using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Stats;

namespace Rundlet.Cli.Top;

/// <summary>The containers of the live view: which are shown, in which order, and which is selected.</summary>
internal sealed class TopTable
{
    private const string Marked = "> ", Unmarked = "  ";

    private IReadOnlyList<ContainerSample> _samples = [];
    private List<ContainerSample> _shown = [];
    private string? _selected;
    private int _index;
    private int _offset;

    /// <summary>The column that sorts, an index of <see cref="TopColumns.All"/>.</summary>
    public int SortColumn { get; private set; } = TopColumns.First;

    /// <summary>Whether the order is the other one than is usual for the column.</summary>
    public bool IsReversed { get; private set; }

    /// <summary>Whether containers that do not run are left away.</summary>
    public bool OnlyRunning { get; private set; }

    /// <summary>A part of name, image or id of those that are shown.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>The selected container; null where none is shown.</summary>
    public ContainerSample? Selected => _index < _shown.Count ? _shown[_index] : null;

    /// <summary>All containers, shown or not.</summary>
    public IReadOnlyList<ContainerSample> Samples => _samples;

    /// <summary>Those that are shown, in order.</summary>
    public IReadOnlyList<ContainerSample> Shown => _shown;

    /// <summary>Takes what was seen last.</summary>
    public void Update(IReadOnlyList<ContainerSample> samples)
    {
        _samples = samples;
        Arrange();
    }

    /// <summary>Sorts by the next column, or the one before.</summary>
    public void SortBy(int step)
    {
        SortColumn = (SortColumn + step + TopColumns.All.Count) % TopColumns.All.Count;
        IsReversed = false;
        Arrange();
    }

    /// <summary>Turns the order round.</summary>
    public void Reverse()
    {
        IsReversed = !IsReversed;
        Arrange();
    }

    /// <summary>Shows those that do not run, or leaves them away.</summary>
    public void ToggleRunning()
    {
        OnlyRunning = !OnlyRunning;
        Arrange();
    }

    /// <summary>Shows only what has a text in it.</summary>
    public void FilterBy(string text)
    {
        Filter = text;
        Arrange();
    }

    /// <summary>Selects another one.</summary>
    /// <param name="step">How many further; far more than there are is the last.</param>
    public void Move(int step)
    {
        _index = Math.Clamp((int)Math.Clamp((long)_index + step, 0, int.MaxValue), 0, Math.Max(0, _shown.Count - 1));
        _selected = Selected?.Record.Id;
    }

    /// <summary>Heading and rows.</summary>
    /// <param name="columns">Width of the terminal.</param>
    /// <param name="rows">How many lines there are to be, the heading among them.</param>
    /// <param name="style">How it looks.</param>
    public List<string> Draw(int columns, int rows, Style style)
    {
        int[] widths = WidthsFor(columns);
        List<string> lines = [style.Strong(TextWidth.Fit(HeadingOf(widths), columns))];
        int room = Math.Max(1, rows - 1);
        _offset = Math.Clamp(_offset, Math.Max(0, _index - room + 1), Math.Max(0, _index));
        _offset = Math.Min(_offset, Math.Max(0, _shown.Count - room));
        for (int i = _offset; i < Math.Min(_shown.Count, _offset + room); i++)
            lines.Add(RowOf(_shown[i], i == _index, widths, columns, style));
        return lines;
    }

    private void Arrange()
    {
        List<ContainerSample> shown = [.. _samples.Where(IsWanted)];
        TopColumn column = TopColumns.All[SortColumn];
        bool descends = column.IsNumber != IsReversed;
        shown.Sort((a, b) =>
        {
            int order = descends ? column.Order(b, a) : column.Order(a, b);
            return order != 0 ? order : string.CompareOrdinal(a.Record.Name, b.Record.Name);
        });
        _shown = shown;
        // The same container stays selected wherever it goes; when it is gone, the one in its place.
        int same = _selected is null ? -1 : shown.FindIndex(sample => sample.Record.Id == _selected);
        _index = same >= 0 ? same : Math.Clamp(_index, 0, Math.Max(0, shown.Count - 1));
        _selected = Selected?.Record.Id;
    }

    private bool IsWanted(ContainerSample sample) => (!OnlyRunning || sample.Standing.IsRunning)
        && (Filter.Length == 0 || Has(sample.Record.Name) || Has(sample.Record.Image) || sample.Record.Id.StartsWith(Filter, StringComparison.Ordinal));

    private bool Has(string text) => text.Contains(Filter, StringComparison.OrdinalIgnoreCase);

    // Columns are taken as long as they fit; then those of words share what is left, as far as their texts want it.
    private int[] WidthsFor(int columns)
    {
        List<int> widths = [];
        int left = columns - Marked.Length;
        foreach (TopColumn column in TopColumns.All)
        {
            if (left < column.Width + (widths.Count > 0 ? 1 : 0) && widths.Count > 0)
                break;
            left -= column.Width + (widths.Count > 0 ? 1 : 0);
            widths.Add(column.Width);
        }
        for (int i = 0; i < widths.Count && left > 0; i++)
        {
            TopColumn column = TopColumns.All[i];
            int wanted = column.Widest == column.Width ? column.Width : Math.Min(column.Widest, _shown.Select(sample => TextWidth.Of(column.Text(sample))).DefaultIfEmpty().Max());
            int more = Math.Clamp(wanted - widths[i], 0, left);
            widths[i] += more;
            left -= more;
        }
        if (left < 0)
            widths[0] = Math.Max(1, widths[0] + left);
        return [.. widths];
    }

    private string HeadingOf(int[] widths) => Unmarked + string.Join(' ', widths.Select((width, i) =>
    {
        TopColumn column = TopColumns.All[i];
        string arrow = i != SortColumn ? "" : column.IsNumber != IsReversed ? "▼" : "▲";
        return TextWidth.Fit(column.IsNumber ? arrow + column.Heading : column.Heading + arrow, width, right: column.IsNumber);
    }));

    private static string RowOf(ContainerSample sample, bool isSelected, int[] widths, int columns, Style style)
    {
        IEnumerable<string> cells = widths.Select((width, i) => TextWidth.Fit(TopColumns.All[i].Text(sample), width, right: TopColumns.All[i].IsNumber));
        if (isSelected)
            return style.Reverse(TextWidth.Fit(Marked + string.Join(' ', cells), columns));
        return Unmarked + string.Join(' ', cells.Select((cell, i) => i != 1 ? cell : sample.Standing.Phase switch
        {
            ContainerPhase.Running => style.Good(cell),
            ContainerPhase.Exited when sample.Standing.Exit is { ExitCode: not 0 } => style.Bad(cell),
            ContainerPhase.Exited or ContainerPhase.Created => style.Faint(cell),
            _ => style.Warning(cell),
        }));
    }
}
