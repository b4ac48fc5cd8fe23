using Rundlet.Linux.Netlink.Route;

namespace Rundlet.Engine.Stats;

/// <summary>What went through one interface of a container.</summary>
/// <param name="Name">The interface's name inside.</param>
/// <param name="Counters">Its counters as the container sees them, since it was started.</param>
public readonly record struct InterfaceTraffic(string Name, LinkStatistics Counters);
