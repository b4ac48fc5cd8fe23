namespace Rundlet.Syscalls;

/// <summary>Control messages.</summary>
[Header("sys/socket.h", Prefix = "SCM_")]
public static class SCM
{
    public const int RIGHTS = 1;
    public const int CREDENTIALS = 2;
}
