namespace Rundlet.Syscalls;

/// <summary>madvise(2) advice.</summary>
[Header("asm-generic/mman-common.h", Prefix = "MADV_")]
public static class MADV
{
    public const int DONTNEED = 4;
    public const int DONTFORK = 10;
    public const int NOHUGEPAGE = 15;
    public const int DONTDUMP = 16;
    public const int DODUMP = 17;
    public const int POPULATE_READ = 22;
    public const int POPULATE_WRITE = 23;
}
