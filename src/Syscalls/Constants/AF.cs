namespace Rundlet.Syscalls;

/// <summary>Address families.</summary>
[Header("sys/socket.h", Prefix = "AF_")]
public static class AF
{
    public const int UNIX = 1;
    public const int INET = 2;
    public const int INET6 = 10;
    public const int NETLINK = 16;
    public const int PACKET = 17;
}
