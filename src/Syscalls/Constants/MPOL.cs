namespace Rundlet.Syscalls;

/// <summary>set_mempolicy(2) modes and flags.</summary>
[Header("linux/mempolicy.h", Prefix = "MPOL_")]
public static class MPOL
{
    public const uint DEFAULT = 0;
    public const uint PREFERRED = 1;
    public const uint BIND = 2;
    public const uint INTERLEAVE = 3;
    public const uint LOCAL = 4;
    public const uint PREFERRED_MANY = 5;
    public const uint WEIGHTED_INTERLEAVE = 6;
    public const uint F_STATIC_NODES = 0x8000;
    public const uint F_RELATIVE_NODES = 0x4000;
    public const uint F_NUMA_BALANCING = 0x2000;
}
