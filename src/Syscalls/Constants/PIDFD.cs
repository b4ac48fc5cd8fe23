namespace Rundlet.Syscalls;

/// <summary>ioctls of pidfds and what they are asked for, Linux 6.13 and 6.15.</summary>
[Header("linux/pidfd.h", Prefix = "PIDFD_")]
public static class PIDFD
{
    /// <summary>With the size of <see cref="pidfd_info"/>; a kernel takes every size from the first version's on.</summary>
    public const uint GET_INFO = 0xc040ff0b;

    /// <summary>The wait status of a process that was reaped.</summary>
    public const ulong INFO_EXIT = 8;
}
