namespace Rundlet.Syscalls;

/// <summary>bpf(2): commands, and what programs of type <c>CGROUP_DEVICE</c> need.</summary>
[Header("linux/bpf.h", Prefix = "BPF_")]
public static class BPF
{
    public const uint PROG_LOAD = 5;
    public const uint PROG_ATTACH = 8;
    public const uint PROG_DETACH = 9;
    public const uint PROG_GET_FD_BY_ID = 13;
    public const uint PROG_QUERY = 16;
    public const uint PROG_TYPE_CGROUP_DEVICE = 15;
    public const uint CGROUP_DEVICE = 6;
    public const uint F_ALLOW_MULTI = 2;
    public const uint F_REPLACE = 4;
    public const uint DEVCG_ACC_MKNOD = 1;
    public const uint DEVCG_ACC_READ = 2;
    public const uint DEVCG_ACC_WRITE = 4;
    public const uint DEVCG_DEV_BLOCK = 1;
    public const uint DEVCG_DEV_CHAR = 2;
}
