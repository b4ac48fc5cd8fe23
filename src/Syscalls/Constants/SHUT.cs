namespace Rundlet.Syscalls;

/// <summary>shutdown(2) directions.</summary>
[Header("sys/socket.h", Prefix = "SHUT_")]
public static class SHUT
{
    public const int RD = 0;
    public const int WR = 1;
    public const int RDWR = 2;
}
