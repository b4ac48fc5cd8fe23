namespace Rundlet.Engine.Options;

/// <summary>What a user says about a volume that is mounted, beyond its name.</summary>
public sealed record VolumeChoice
{
    /// <summary>Whether nobody named it.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Whether the image asks for it, and not the user.</summary>
    public bool FromImage { get; init; }

    /// <summary>Whether it stays empty, whatever the image has at its place.</summary>
    public bool NoCopy { get; init; }

    /// <summary>A path in the volume that is mounted in place of its root; null for the root.</summary>
    public string? Subpath { get; init; }

    /// <summary>What the local driver is told, when the volume is made.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The volume's labels, when it is made.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
