namespace Rundlet.Syscalls;

/// <summary>capabilities(7): the capget(2) version and the numbers.</summary>
[Header("linux/capability.h", Prefix = "CAP_")]
public static class CAP
{
    public const uint CHOWN = 0;
    public const uint DAC_OVERRIDE = 1;
    public const uint DAC_READ_SEARCH = 2;
    public const uint FOWNER = 3;
    public const uint FSETID = 4;
    public const uint KILL = 5;
    public const uint SETGID = 6;
    public const uint SETUID = 7;
    public const uint SETPCAP = 8;
    public const uint LINUX_IMMUTABLE = 9;
    public const uint NET_BIND_SERVICE = 0xa;
    public const uint NET_BROADCAST = 0xb;
    public const uint NET_ADMIN = 0xc;
    public const uint NET_RAW = 0xd;
    public const uint IPC_LOCK = 0xe;
    public const uint IPC_OWNER = 0xf;
    public const uint SYS_MODULE = 0x10;
    public const uint SYS_RAWIO = 0x11;
    public const uint SYS_CHROOT = 0x12;
    public const uint SYS_PTRACE = 0x13;
    public const uint SYS_PACCT = 0x14;
    public const uint SYS_ADMIN = 0x15;
    public const uint SYS_BOOT = 0x16;
    public const uint SYS_NICE = 0x17;
    public const uint SYS_RESOURCE = 0x18;
    public const uint SYS_TIME = 0x19;
    public const uint SYS_TTY_CONFIG = 0x1a;
    public const uint MKNOD = 0x1b;
    public const uint LEASE = 0x1c;
    public const uint AUDIT_WRITE = 0x1d;
    public const uint AUDIT_CONTROL = 0x1e;
    public const uint SETFCAP = 0x1f;
    public const uint MAC_OVERRIDE = 0x20;
    public const uint MAC_ADMIN = 0x21;
    public const uint SYSLOG = 0x22;
    public const uint WAKE_ALARM = 0x23;
    public const uint BLOCK_SUSPEND = 0x24;
    public const uint AUDIT_READ = 0x25;
    public const uint PERFMON = 0x26;
    public const uint BPF = 0x27;
    public const uint CHECKPOINT_RESTORE = 0x28;
    [CName("_LINUX_CAPABILITY_VERSION_3")] public const uint VERSION_3 = 0x20080522;
}
