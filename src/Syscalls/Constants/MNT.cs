namespace Rundlet.Syscalls;

/// <summary>umount2(2) flags.</summary>
[Header("sys/mount.h", Prefix = "MNT_")]
public static class MNT
{
    public const int FORCE = 1;
    public const int DETACH = 2;
    public const int EXPIRE = 4;
}
