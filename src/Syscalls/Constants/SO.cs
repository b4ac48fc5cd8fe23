namespace Rundlet.Syscalls;

/// <summary>Socket options of the socket level.</summary>
[Header("sys/socket.h", Prefix = "SO_")]
public static class SO
{
    public const int REUSEADDR = 2;
    public const int ERROR = 4;
    public const int SNDBUF = 7;
    public const int KEEPALIVE = 9;
    public const int LINGER = 13;
    public const int RCVBUF = 8;
    public const int SNDBUFFORCE = 32;
    public const int RCVBUFFORCE = 33;
    public const int PASSCRED = 16;
    public const int PEERCRED = 17;
    public const int ATTACH_FILTER = 26;
    public const int ACCEPTCONN = 30;
    public const int DOMAIN = 39;
}
