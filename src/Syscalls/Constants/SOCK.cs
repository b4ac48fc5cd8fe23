namespace Rundlet.Syscalls;

/// <summary>Socket types and flags.</summary>
[Header("sys/socket.h", Prefix = "SOCK_")]
public static class SOCK
{
    public const int STREAM = 1;
    public const int DGRAM = 2;
    public const int RAW = 3;
    public const int SEQPACKET = 5;
    public const int CLOEXEC = 524288;
    public const int NONBLOCK = 2048;
}
