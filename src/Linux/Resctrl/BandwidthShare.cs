namespace Rundlet.Linux.Resctrl;

/// <summary>How memory bandwidth can be shared out, and is.</summary>
/// <param name="Step">What values are rounded up to, in percent.</param>
/// <param name="Linear">Whether the processor's delay is linear: 1 or 0.</param>
/// <param name="Min">The least that can be asked for, in percent.</param>
/// <param name="Groups">How many groups there can be.</param>
/// <param name="Default">The line of the default group.</param>
/// <param name="Own">The line of the group.</param>
public sealed record BandwidthShare(ulong Step, ulong Linear, ulong Min, ulong Groups, string Default, string Own);
