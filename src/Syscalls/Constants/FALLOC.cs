namespace Rundlet.Syscalls;

/// <summary>fallocate(2) modes.</summary>
[Header("linux/falloc.h", Prefix = "FALLOC_FL_")]
public static class FALLOC
{
    public const int KEEP_SIZE = 1;
    public const int PUNCH_HOLE = 2;
}
