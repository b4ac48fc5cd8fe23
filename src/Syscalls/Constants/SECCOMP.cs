namespace Rundlet.Syscalls;

/// <summary>seccomp(2) operations, flags and answers.</summary>
[Header("linux/seccomp.h", Prefix = "SECCOMP_")]
public static class SECCOMP
{
    public const uint SET_MODE_STRICT = 0;
    public const uint SET_MODE_FILTER = 1;
    public const uint GET_ACTION_AVAIL = 2;
    public const uint GET_NOTIF_SIZES = 3;
    public const uint FILTER_FLAG_TSYNC = 1;
    public const uint FILTER_FLAG_LOG = 2;
    public const uint FILTER_FLAG_SPEC_ALLOW = 4;
    public const uint FILTER_FLAG_NEW_LISTENER = 8;
    public const uint FILTER_FLAG_TSYNC_ESRCH = 0x10;
    public const uint FILTER_FLAG_WAIT_KILLABLE_RECV = 0x20;
    public const uint RET_KILL_PROCESS = 0x80000000;
    public const uint RET_KILL_THREAD = 0;
    public const uint RET_TRAP = 0x30000;
    public const uint RET_ERRNO = 0x50000;
    public const uint RET_USER_NOTIF = 0x7fc00000;
    public const uint RET_TRACE = 0x7ff00000;
    public const uint RET_LOG = 0x7ffc0000;
    public const uint RET_ALLOW = 0x7fff0000;
    public const uint RET_ACTION_FULL = 0xffff0000;
    public const uint RET_DATA = 0xffff;
}
