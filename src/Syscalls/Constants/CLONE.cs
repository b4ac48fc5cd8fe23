namespace Rundlet.Syscalls;

/// <summary>clone3(2), unshare(2) and setns(2) flags.</summary>
[Header("linux/sched.h", Prefix = "CLONE_")]
public static class CLONE
{
    public const ulong VM = 0x100;
    public const ulong FS = 0x200;
    public const ulong FILES = 0x400;
    public const ulong SIGHAND = 0x800;
    public const ulong PIDFD = 0x1000;
    public const ulong VFORK = 0x4000;
    public const ulong PARENT = 0x8000;
    public const ulong NEWNS = 0x20000;
    public const ulong SETTLS = 0x80000;
    public const ulong NEWCGROUP = 0x2000000;
    public const ulong NEWUTS = 0x4000000;
    public const ulong NEWIPC = 0x8000000;
    public const ulong NEWUSER = 0x10000000;
    public const ulong NEWPID = 0x20000000;
    public const ulong NEWNET = 0x40000000;
    public const ulong NEWTIME = 0x80;
    public const ulong CLEAR_SIGHAND = 0x100000000;
    public const ulong INTO_CGROUP = 0x200000000;
}
