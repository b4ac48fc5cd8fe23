using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Engine.Stats;

namespace Rundlet.Cli.Metrics;

/// <summary>What is known of a container at the time of a scrape.</summary>
/// <param name="Record">Its row.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="Stats">What it used; null where it does not run.</param>
/// <param name="Labels">The labels of all its samples.</param>
internal sealed record ContainerReading(ContainerRecord Record, ContainerStanding Standing, ContainerStats? Stats, MetricLabels Labels)
{
    /// <summary>What a block device of some number is called.</summary>
    public required Func<uint, uint, string> DeviceName { get; init; }
}
