namespace Rundlet.Syscalls;

/// <summary>More umount2(2) flags, which have a prefix of their own.</summary>
[Header("sys/mount.h", Prefix = "UMOUNT_")]
public static class UMOUNT
{
    public const int NOFOLLOW = 8;
}
