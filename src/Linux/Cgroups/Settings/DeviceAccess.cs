namespace Rundlet.Linux.Cgroups;

/// <summary>What can be done with a device node; the values are the kernel's (<c>BPF_DEVCG_ACC_*</c>).</summary>
[Flags]
public enum DeviceAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Make one.</summary>
    Mknod = 1,

    /// <summary>Open for reading.</summary>
    Read = 2,

    /// <summary>Open for writing.</summary>
    Write = 4,

    /// <summary>All of them.</summary>
    All = 7,
}
