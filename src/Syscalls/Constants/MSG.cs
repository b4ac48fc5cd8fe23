namespace Rundlet.Syscalls;

/// <summary>sendmsg(2) and recvmsg(2) flags.</summary>
[Header("sys/socket.h", Prefix = "MSG_")]
public static class MSG
{
    public const int DONTWAIT = 64;
    public const int NOSIGNAL = 16384;
    public const int CMSG_CLOEXEC = 1073741824;
    public const int PEEK = 2;
    public const int TRUNC = 32;
    public const int CTRUNC = 8;
    public const int WAITALL = 256;
}
