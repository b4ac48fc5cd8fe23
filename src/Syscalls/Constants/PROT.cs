namespace Rundlet.Syscalls;

/// <summary>Protection of mmap(2) and mprotect(2).</summary>
[Header("asm-generic/mman-common.h", Prefix = "PROT_")]
public static class PROT
{
    public const int READ = 0x1;
    public const int WRITE = 0x2;
}
