namespace Rundlet.Syscalls;

/// <summary>File system types in statfs(2).</summary>
[Header("linux/magic.h")]
public static class MAGIC
{
    public const long PROC_SUPER_MAGIC = 0x9fa0;
    public const long SYSFS_MAGIC = 0x62656572;
    public const long CGROUP_SUPER_MAGIC = 0x27e0eb;
    public const long CGROUP2_SUPER_MAGIC = 0x63677270;
    public const long TMPFS_MAGIC = 0x1021994;
    public const long OVERLAYFS_SUPER_MAGIC = 0x794c7630;
    public const long DEVPTS_SUPER_MAGIC = 0x1cd1;
    public const long NSFS_MAGIC = 0x6e736673;
    public const long BTRFS_SUPER_MAGIC = 0x9123683e;
    public const long XFS_SUPER_MAGIC = 0x58465342;
    public const long EXT4_SUPER_MAGIC = 0xef53;
    public const long SELINUX_MAGIC = 0xf97cff8c;
    public const long SECURITYFS_MAGIC = 0x73636673;
}
