namespace Rundlet.Syscalls;

/// <summary>How openat2(2) resolves.</summary>
[Header("linux/openat2.h", Prefix = "RESOLVE_")]
public static class RESOLVE
{
    public const ulong NO_XDEV = 1;
    public const ulong NO_MAGICLINKS = 2;
    public const ulong NO_SYMLINKS = 4;
    public const ulong BENEATH = 8;
    public const ulong IN_ROOT = 0x10;
    public const ulong CACHED = 0x20;
}
