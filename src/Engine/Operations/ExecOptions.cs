namespace Rundlet.Engine.Operations;

/// <summary>What a user wants of a further process.</summary>
public sealed record ExecOptions
{
    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Whether it gets a terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether nobody waits for it.</summary>
    public bool Detach { get; init; }

    /// <summary>Variables besides the container's.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Who it runs as; null for the container's own user.</summary>
    public string? User { get; init; }

    /// <summary>Its working directory; null for the container's own.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>Whether it may do everything.</summary>
    public bool Privileged { get; init; }
}
