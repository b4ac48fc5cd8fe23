namespace Rundlet.Images.Registry.Configuration;

/// <summary>What is configured for one registry.</summary>
public sealed record RegistryEntry
{
    /// <summary>How it is spoken to; null where nothing is said.</summary>
    public RegistrySecurity? Security { get; init; }

    /// <summary>Where to ask before the registry itself, in this order: <c>host[:port][/prefix]</c>. The prefix stands before the repository.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];
}
