namespace Rundlet.Cli.Metrics;

/// <summary>What a metric's value does.</summary>
internal enum MetricType
{
    /// <summary>It goes up and down.</summary>
    Gauge,

    /// <summary>It only rises, and begins again at zero.</summary>
    Counter,
}
