namespace Rundlet.Syscalls;

/// <summary>epoll_ctl(2) operations and events.</summary>
[Header("sys/epoll.h", Prefix = "EPOLL")]
public static class EPOLL
{
    [CName("EPOLL_CTL_ADD")] public const uint CTL_ADD = 1;
    [CName("EPOLL_CTL_DEL")] public const uint CTL_DEL = 2;
    [CName("EPOLL_CTL_MOD")] public const uint CTL_MOD = 3;
    public const uint IN = 1;
    public const uint PRI = 2;
    public const uint OUT = 4;
    public const uint ERR = 8;
    public const uint HUP = 0x10;
    public const uint RDHUP = 0x2000;
    public const uint EXCLUSIVE = 0x10000000;
    public const uint ONESHOT = 0x40000000;
    public const uint ET = 0x80000000;
}
