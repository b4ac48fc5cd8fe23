namespace Rundlet.Engine.Diagnosis;

/// <summary>One step of a packet's way, looked at.</summary>
/// <param name="Name">Which: <c>link</c>, <c>address</c>, <c>route</c>, <c>neighbour</c>, <c>nat</c>, <c>forward</c>, <c>ports</c>, <c>dns</c>, <c>upstream</c>.</param>
/// <param name="Network">The network that it belongs to; empty for those of the whole container.</param>
/// <param name="Works">Whether it does; null where it could not be found out.</param>
/// <param name="Text">What was found, in lower case without a full stop.</param>
/// <param name="Hint">What to do; null where nothing is to be done, or known.</param>
public sealed record NetworkHop(string Name, string Network, bool? Works, string Text, string? Hint = null);
