namespace Rundlet.Syscalls;

/// <summary>flock(2) operations.</summary>
[Header("sys/file.h", Prefix = "LOCK_")]
public static class LOCK
{
    public const int SH = 1;
    public const int EX = 2;
    public const int NB = 4;
    public const int UN = 8;
}
