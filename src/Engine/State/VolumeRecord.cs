namespace Rundlet.Engine.State;

/// <summary>A volume's row. Its files are in <see cref="EnginePaths.VolumeData"/>, which is made when it is first needed.</summary>
public sealed record VolumeRecord
{
    /// <summary>The name, unique.</summary>
    public required string Name { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Whether nobody gave it a name: 64 hexadecimal digits do.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Free metadata.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>What the local driver is told: <c>type</c>, <c>device</c>, <c>o</c>; empty for a plain folder.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Who changes it just now; null for nobody.</summary>
    public VolumeClaim? Claim { get; init; }

    /// <summary>While it is renamed: the name that its folder may still have.</summary>
    public string? MovedFrom { get; init; }
}
