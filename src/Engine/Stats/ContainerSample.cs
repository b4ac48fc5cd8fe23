using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;

namespace Rundlet.Engine.Stats;

/// <summary>A container at one moment of a watch.</summary>
/// <param name="Record">Its row.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="Stats">What it used until now; null where it does not run.</param>
/// <param name="Rates">What it used since the moment before.</param>
public sealed record ContainerSample(ContainerRecord Record, ContainerStanding Standing, ContainerStats? Stats, StatsRates Rates)
{
    /// <summary>What the user called it; null where all are watched.</summary>
    public string? Reference { get; init; }
}
