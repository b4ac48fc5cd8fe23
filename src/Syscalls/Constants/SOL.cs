namespace Rundlet.Syscalls;

/// <summary>Socket option levels.</summary>
[Header("sys/socket.h", Prefix = "SOL_")]
public static class SOL
{
    public const int SOCKET = 1;
    public const int NETLINK = 270;
}
