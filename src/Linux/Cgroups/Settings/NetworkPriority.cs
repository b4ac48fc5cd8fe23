namespace Rundlet.Linux.Cgroups;

/// <summary>Priority of the packets that leave by one interface.</summary>
public readonly record struct NetworkPriority(string Interface, uint Priority);
