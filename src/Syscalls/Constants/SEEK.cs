namespace Rundlet.Syscalls;

/// <summary>Where lseek(2) goes.</summary>
[Header("unistd.h", Prefix = "SEEK_")]
public static class SEEK
{
    public const int SET = 0;
    public const int CUR = 1;
    public const int END = 2;
    public const int DATA = 3;
    public const int HOLE = 4;
}
