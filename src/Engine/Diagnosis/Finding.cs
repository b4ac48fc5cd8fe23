namespace Rundlet.Engine.Diagnosis;

/// <summary>Something that is known about why a container is where it is.</summary>
/// <param name="Text">A sentence in lower case without a full stop.</param>
/// <param name="Hint">What to try; null where nothing is known.</param>
public sealed record Finding(string Text, string? Hint = null);
