namespace Rundlet.Linux.Cgroups;

/// <summary>What tasks can wait for and the kernel accounts: accounting/psi.</summary>
public enum PressureResource
{
    /// <summary>CPU time.</summary>
    Cpu,

    /// <summary>Memory.</summary>
    Memory,

    /// <summary>Block devices.</summary>
    Io,
}
