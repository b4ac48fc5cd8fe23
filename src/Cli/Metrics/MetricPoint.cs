namespace Rundlet.Cli.Metrics;

/// <summary>A value, with one more label where a container has several.</summary>
/// <param name="Value">In base units.</param>
/// <param name="Label">The label's name; null for none.</param>
/// <param name="LabelValue">The label's value.</param>
internal readonly record struct MetricPoint(double Value, string? Label = null, string LabelValue = "");
