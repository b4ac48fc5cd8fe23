using System.Buffers;
using System.Globalization;
using System.Text;

namespace Rundlet.Cli.Metrics;

/// <summary>
/// Writes metrics as text: Prometheus' format 0.0.4, or OpenMetrics 1.0, which differs in the names of counters and in its end.
/// A family comes first, then its samples.
/// </summary>
internal sealed class MetricsText(bool openMetrics)
{
    private const string TotalSuffix = "_total";
    private const double LargestWhole = 1L << 53;

    private readonly ArrayBufferWriter<byte> _text = new(16 << 10);
    private string _name = "";

    /// <summary>What the text is called in HTTP.</summary>
    public string ContentType => openMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Begins a family.</summary>
    /// <param name="name">Of a counter with <c>_total</c> at its end.</param>
    /// <param name="type">Its type.</param>
    /// <param name="help">What it says, in a sentence.</param>
    public void Family(string name, MetricType type, string help)
    {
        _name = name;
        string family = openMetrics && type == MetricType.Counter && name.EndsWith(TotalSuffix, StringComparison.Ordinal) ? name[..^TotalSuffix.Length] : name;
        StringBuilder lines = new();
        lines.Append("# HELP ").Append(family).Append(' ');
        MetricLabels.AppendEscaped(lines, help, quotes: openMetrics);
        lines.Append("\n# TYPE ").Append(family).Append(type == MetricType.Counter ? " counter\n" : " gauge\n");
        Append(lines.ToString());
    }

    /// <summary>A sample of the family that was begun last.</summary>
    public void Sample(MetricLabels labels, double value)
    {
        Append(_name);
        if (!string.IsNullOrEmpty(labels.Text))
        {
            Append("{");
            Append(labels.Text);
            Append("}");
        }
        Append(" ");
        AppendNumber(value);
        Append("\n");
    }

    /// <summary>A family with one sample.</summary>
    public void Single(string name, MetricType type, string help, double value)
    {
        Family(name, type, help);
        Sample(MetricLabels.None, value);
    }

    /// <summary>The whole text.</summary>
    public byte[] End()
    {
        if (openMetrics)
            Append("# EOF\n");
        return _text.WrittenSpan.ToArray();
    }

    private void Append(string text)
    {
        Span<byte> room = _text.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _text.Advance(Encoding.UTF8.GetBytes(text, room));
    }

    private void AppendNumber(double value)
    {
        Span<byte> room = _text.GetSpan(32);
        int written;
        if (double.IsInteger(value) && Math.Abs(value) <= LargestWhole)
            ((long)value).TryFormat(room, out written, default, CultureInfo.InvariantCulture);
        else if (double.IsInfinity(value))
            Encoding.UTF8.TryGetBytes(value > 0 ? "+Inf" : "-Inf", room, out written);
        else
            value.TryFormat(room, out written, "R", CultureInfo.InvariantCulture); // NaN is NaN in both worlds
        _text.Advance(written);
    }
}
