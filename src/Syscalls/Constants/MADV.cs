namespace Rundlet.Syscalls;

/// <summary>madvise(2) advice.</summary>
[Header("asm-generic/mman-common.h", Prefix = "MADV_")]
public static class MADV
{
    public const int DONTFORK = 10;
}
