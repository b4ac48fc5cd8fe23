using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rundlet.Syscalls;

#pragma warning disable CS1591 // the fields are the kernel's; the header named on each struct documents them

/// <summary>clone3(2).</summary>
[Header("linux/sched.h", CName = "struct clone_args")]
public struct clone_args
{
    public ulong flags;
    public ulong pidfd;
    public ulong child_tid;
    public ulong parent_tid;
    public ulong exit_signal;
    public ulong stack;
    public ulong stack_size;
    public ulong tls;
    public ulong set_tid;
    public ulong set_tid_size;
    public ulong cgroup;
}

/// <summary>PIDFD_GET_INFO, the first version: later ones are longer.</summary>
[Header("linux/pidfd.h", CName = "struct pidfd_info", Partial = true)]
public struct pidfd_info
{
    public ulong mask;
    public ulong cgroupid;
    public uint pid;
    public uint tgid;
    public uint ppid;
    public uint ruid;
    public uint rgid;
    public uint euid;
    public uint egid;
    public uint suid;
    public uint sgid;
    public uint fsuid;
    public uint fsgid;
    public int exit_code;
}

/// <summary>openat2(2).</summary>
[Header("linux/openat2.h", CName = "struct open_how")]
public struct open_how
{
    public ulong flags;
    public ulong mode;
    public ulong resolve;
}

/// <summary>mount_setattr(2).</summary>
[Header("fcntl.h linux/mount.h", CName = "struct mount_attr")]
public struct mount_attr
{
    public ulong attr_set;
    public ulong attr_clr;
    public ulong propagation;
    public ulong userns_fd;
}

/// <summary>A moment or a span of time.</summary>
[Header("time.h", CName = "struct timespec")]
public struct timespec
{
    public long tv_sec;
    public long tv_nsec;
}

/// <summary>timerfd_settime(2).</summary>
[Header("time.h", CName = "struct itimerspec")]
public struct itimerspec
{
    public timespec it_interval;
    public timespec it_value;
}

/// <summary>A time stamp of statx(2).</summary>
[Header("linux/stat.h", CName = "struct statx_timestamp")]
public struct statx_timestamp
{
    public long tv_sec;
    public uint tv_nsec;
    private readonly int __reserved;
}

/// <summary>statx(2).</summary>
[Header("linux/stat.h", CName = "struct statx")]
public struct statx_t
{
    public uint stx_mask;
    public uint stx_blksize;
    public ulong stx_attributes;
    public uint stx_nlink;
    public uint stx_uid;
    public uint stx_gid;
    public ushort stx_mode;
    private readonly ushort __spare0;
    public ulong stx_ino;
    public ulong stx_size;
    public ulong stx_blocks;
    public ulong stx_attributes_mask;
    public statx_timestamp stx_atime;
    public statx_timestamp stx_btime;
    public statx_timestamp stx_ctime;
    public statx_timestamp stx_mtime;
    public uint stx_rdev_major;
    public uint stx_rdev_minor;
    public uint stx_dev_major;
    public uint stx_dev_minor;
    public ulong stx_mnt_id;
    private readonly ulong __spare2;
    private Spare12 __spare3;

    [InlineArray(12)]
    private struct Spare12
    {
        private ulong _first;
    }
}

/// <summary>statfs(2), 64-bit.</summary>
[Header("sys/vfs.h", CName = "struct statfs")]
public struct statfs_t
{
    public long f_type;
    public long f_bsize;
    public ulong f_blocks;
    public ulong f_bfree;
    public ulong f_bavail;
    public ulong f_files;
    public ulong f_ffree;
    public ulong f_fsid;
    public long f_namelen;
    public long f_frsize;
    public long f_flags;
    private Spare4 f_spare;

    [InlineArray(4)]
    private struct Spare4
    {
        private long _first;
    }
}

/// <summary>What waitid(2) says; only the SIGCHLD view of the union.</summary>
[Header("signal.h", CName = "siginfo_t")]
[StructLayout(LayoutKind.Explicit, Size = 128)]
public struct siginfo_t
{
    [FieldOffset(0)] public int si_signo;
    [FieldOffset(4)] public int si_errno;
    [FieldOffset(8)] public int si_code;
    [FieldOffset(16)] public int si_pid;
    [FieldOffset(20)] public uint si_uid;
    [FieldOffset(24)] public int si_status;
}

/// <summary>What a signalfd gives.</summary>
[Header("sys/signalfd.h", CName = "struct signalfd_siginfo")]
[StructLayout(LayoutKind.Explicit, Size = 128)]
public struct signalfd_siginfo
{
    [FieldOffset(0)] public uint ssi_signo;
    [FieldOffset(8)] public int ssi_code;
    [FieldOffset(12)] public uint ssi_pid;
    [FieldOffset(40)] public int ssi_status;
}

/// <summary>capget(2) and capset(2).</summary>
[Header("linux/capability.h", CName = "struct __user_cap_header_struct")]
public struct cap_user_header
{
    public uint version;
    public int pid;
}

/// <summary>Half of the sets of capget(2) and capset(2).</summary>
[Header("linux/capability.h", CName = "struct __user_cap_data_struct")]
public struct cap_user_data
{
    public uint effective;
    public uint permitted;
    public uint inheritable;
}

/// <summary>prlimit64(2).</summary>
[Header("linux/resource.h", CName = "struct rlimit64")]
public struct rlimit64
{
    public ulong rlim_cur;
    public ulong rlim_max;
}

/// <summary>sched_setattr(2).</summary>
[Header("linux/types.h linux/sched/types.h", CName = "struct sched_attr")]
public struct sched_attr
{
    public uint size;
    public uint sched_policy;
    public ulong sched_flags;
    public int sched_nice;
    public uint sched_priority;
    public ulong sched_runtime;
    public ulong sched_deadline;
    public ulong sched_period;
    public uint sched_util_min;
    public uint sched_util_max;
}

/// <summary>One instruction of classic BPF.</summary>
[Header("linux/filter.h", CName = "struct sock_filter")]
public struct sock_filter
{
    public ushort code;
    public byte jt;
    public byte jf;
    public uint k;
}

/// <summary>A program of classic BPF.</summary>
[Header("linux/filter.h", CName = "struct sock_fprog")]
public unsafe struct sock_fprog
{
    public ushort len;
    public sock_filter* filter;
}

/// <summary>What a seccomp filter sees.</summary>
[Header("linux/seccomp.h", CName = "struct seccomp_data")]
public unsafe struct seccomp_data
{
    public int nr;
    public uint arch;
    public ulong instruction_pointer;
    public fixed ulong args[6];
}

/// <summary>epoll(7); packed on x86_64 only.</summary>
[Header("sys/epoll.h", CName = "struct epoll_event")]
#if ARM64
[StructLayout(LayoutKind.Sequential)]
#else
[StructLayout(LayoutKind.Sequential, Pack = 1)]
#endif
public struct epoll_event
{
    public uint events;
    public ulong data;
}

/// <summary>poll(2).</summary>
[Header("poll.h", CName = "struct pollfd")]
public struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}

/// <summary>A piece of memory for readv(2) and sendmsg(2).</summary>
[Header("sys/uio.h", CName = "struct iovec")]
public unsafe struct iovec
{
    public void* iov_base;
    public nuint iov_len;
}

/// <summary>sendmsg(2).</summary>
[Header("sys/socket.h", CName = "struct msghdr")]
public unsafe struct msghdr
{
    public void* msg_name;
    public uint msg_namelen;
    public iovec* msg_iov;
    public nuint msg_iovlen;
    public void* msg_control;
    public nuint msg_controllen;
    public int msg_flags;
}

/// <summary>cmsg(3).</summary>
[Header("sys/socket.h", CName = "struct cmsghdr")]
public struct cmsghdr
{
    public nuint cmsg_len;
    public int cmsg_level;
    public int cmsg_type;
}

/// <summary>unix(7) credentials.</summary>
[Header("sys/socket.h", CName = "struct ucred")]
public struct ucred
{
    public int pid;
    public uint uid;
    public uint gid;
}

/// <summary>Terminal size, ioctl_tty(2).</summary>
[Header("sys/ioctl.h", CName = "struct winsize")]
public struct winsize
{
    public ushort ws_row;
    public ushort ws_col;
    public ushort ws_xpixel;
    public ushort ws_ypixel;
}

/// <summary>Terminal settings of the kernel's TCGETS.</summary>
[Header("asm/termbits.h", CName = "struct termios")]
public unsafe struct termios
{
    public uint c_iflag;
    public uint c_oflag;
    public uint c_cflag;
    public uint c_lflag;
    public byte c_line;
    public fixed byte c_cc[19];
}

/// <summary>uname(2).</summary>
[Header("sys/utsname.h", CName = "struct utsname")]
public unsafe struct utsname
{
    public fixed byte sysname[65];
    public fixed byte nodename[65];
    public fixed byte release[65];
    public fixed byte version[65];
    public fixed byte machine[65];
    public fixed byte domainname[65];
}

/// <summary>The kernel's own struct of rt_sigaction(2).</summary>
[Header("asm/signal.h", CName = "struct sigaction")]
public struct kernel_sigaction
{
    public nint sa_handler;
    public ulong sa_flags;
#if !ARM64
    public nint sa_restorer;
#endif
    public ulong sa_mask;
}

/// <summary>FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR.</summary>
[Header("linux/fs.h", CName = "struct fsxattr")]
public unsafe struct fsxattr
{
    public uint fsx_xflags;
    public uint fsx_extsize;
    public uint fsx_nextents;
    public uint fsx_projid;
    public uint fsx_cowextsize;
    public fixed byte fsx_pad[8];
}

/// <summary>Q_GETQUOTA and Q_SETQUOTA; limits in units of 1024 bytes.</summary>
[Header("linux/quota.h", CName = "struct if_dqblk")]
public struct if_dqblk
{
    public ulong dqb_bhardlimit;
    public ulong dqb_bsoftlimit;
    public ulong dqb_curspace;
    public ulong dqb_ihardlimit;
    public ulong dqb_isoftlimit;
    public ulong dqb_curinodes;
    public ulong dqb_btime;
    public ulong dqb_itime;
    public uint dqb_valid;
}
