namespace Rundlet.Linux.Resctrl;

/// <summary>How memory bandwidth can be shared out, and is.</summary>
public sealed class BandwidthShare
{
    /// <summary>What values are rounded up to, in percent.</summary>
    public required ulong Step { get; init; }

    /// <summary>Whether the processor's delay is linear: 1 or 0.</summary>
    public required ulong Linear { get; init; }

    /// <summary>The least that can be asked for, in percent.</summary>
    public required ulong Min { get; init; }

    /// <summary>How many groups there can be.</summary>
    public required ulong Groups { get; init; }

    /// <summary>The line of the default group.</summary>
    public required string Default { get; init; }

    /// <summary>The line of the group.</summary>
    public required string Own { get; init; }
}
