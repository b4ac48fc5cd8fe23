namespace Rundlet.Syscalls;

/// <summary>mmap(2) flags.</summary>
[Header("linux/mman.h", Prefix = "MAP_")]
public static class MAP
{
    public const int PRIVATE = 0x2;
    public const int FIXED = 0x10;
    public const int ANONYMOUS = 0x20;
}
