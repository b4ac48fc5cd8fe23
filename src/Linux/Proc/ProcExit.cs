using System.Buffers.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Proc;

/// <summary>
/// The wait status of a process that is not our child. While it is a zombie, proc_pid_stat(5) has it for who may trace it
/// (field 52); once it was reaped, its pidfd has it, from Linux 6.15 on, if that was opened while the process was there.
/// </summary>
public static class ProcExit
{
    /// <summary>Whether the kernel keeps it for pidfds: from Linux 6.15 on. It cannot be asked before the process has ended.</summary>
    public static bool IsKept => OperatingSystem.IsOSPlatformVersionAtLeast("Linux", 6, 15);

    /// <summary>Reads it; null where nobody knows it any more, or the process lives.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="startTime">Its start, <see cref="ProcStat.StartTime"/>.</param>
    /// <param name="pidfd">A pidfd of it; null for none.</param>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public static int? TryRead(int pid, ulong startTime, OwnedFd? pidfd)
    {
        int? zombie = OfZombie(pid, startTime);
        return zombie ?? (pidfd is null ? null : OfReaped(pidfd));
    }

    private static int? OfZombie(int pid, ulong startTime)
    {
        string path = $"/proc/{pid}/stat";
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY);
        if (answer < 0)
            return null; // reaped
        using OwnedFd fd = new(answer);
        Span<byte> buffer = stackalloc byte[1024];
        nint got = Sys.read(fd.Value, buffer);
        if (Sys.Is(got, Errno.ESRCH))
            return null;
        LinuxException.ThrowIfError(got, "read", path);
        ReadOnlySpan<byte> text = buffer[..(int)got].TrimEnd((byte)'\n');
        ProcStat stat = ProcStat.Parse(text, path);
        if (stat.IsAlive || stat.StartTime != startTime)
            return null;
        ReadOnlySpan<byte> last = text[(text.LastIndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(last, out int status, out int used) && used == last.Length ? status : null;
    }

    private static int? OfReaped(OwnedFd pidfd)
    {
        pidfd_info info = new() { mask = PIDFD.INFO_EXIT };
        int answer = Sys.ioctl(pidfd.Value, PIDFD.GET_INFO, ref info);
        return answer >= 0 && (info.mask & PIDFD.INFO_EXIT) != 0 ? info.exit_code : null; // else an older kernel
    }
}
