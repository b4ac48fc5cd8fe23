namespace Rundlet.Syscalls;

/// <summary>Socket options of TCP, tcp(7).</summary>
[Header("netinet/tcp.h", Prefix = "TCP_")]
public static class TCP
{
    public const int NODELAY = 1;
}
