using Rundlet.Engine.Options;

namespace Rundlet.Engine.State;

/// <summary>That a container is on a network, and how; whether it runs or not.</summary>
/// <param name="Network">The network.</param>
/// <param name="Settings">What the user wants there.</param>
public sealed record EndpointRecord(NetworkRecord Network, EndpointOptions Settings);
