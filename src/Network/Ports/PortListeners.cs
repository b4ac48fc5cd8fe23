namespace Rundlet.Network.Ports;

/// <summary>The programs that listen at published ports which no rule can lead into a container.</summary>
/// <param name="Most">The most ports of a container at which its program listens; ranges that would be more are published by rules alone.</param>
/// <param name="List">Where they listen now, for all containers; asked only when a port turns out to be taken.</param>
public sealed record PortListeners(int Most, Func<IEnumerable<PublishedPort>> List)
{
    /// <summary>Of somebody who has none: without a bound, and nothing is known.</summary>
    internal static PortListeners Unknown { get; } = new(int.MaxValue, static () => []);
}
