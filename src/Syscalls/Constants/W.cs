namespace Rundlet.Syscalls;

/// <summary>waitid(2) options.</summary>
[Header("sys/wait.h", Prefix = "W")]
public static class W
{
    public const int NOHANG = 1;
    public const int UNTRACED = 2;
    public const int STOPPED = 2;
    public const int EXITED = 4;
    public const int CONTINUED = 8;
    public const int NOWAIT = 16777216;
}
