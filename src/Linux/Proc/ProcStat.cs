using System.Buffers.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Proc;

/// <summary>What a runtime needs of /proc/PID/stat, proc_pid_stat(5).</summary>
/// <param name="State">One letter: R, S, D, Z (dead, not yet reaped), X (dead), T, t, I.</param>
/// <param name="ParentPid">The parent; 0 when it is not in this pid namespace.</param>
/// <param name="StartTime">Clock ticks since the machine started: together with the pid it names one process for ever.</param>
public readonly record struct ProcStat(char State, int ParentPid, ulong StartTime)
{
    /// <summary>Whether the process runs or may run again.</summary>
    public bool IsAlive => State is not ('Z' or 'X' or 'x');

    /// <summary>Reads it; null when there is no such process.</summary>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public static ProcStat? TryRead(int pid)
    {
        string path = $"/proc/{pid}/stat";
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY);
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ESRCH))
            return null;
        using OwnedFd fd = OwnedFd.FromAnswer(answer, "open", path);
        Span<byte> text = stackalloc byte[1024];
        nint got = Sys.read(fd.Value, text);
        if (Sys.Is(got, Errno.ESRCH))
            return null;
        LinuxException.ThrowIfError(got, "read", path);
        return Parse(text[..(int)got], path);
    }

    /// <summary>As <see cref="TryRead"/>, for a process that must be there.</summary>
    /// <exception cref="LinuxException"><c>ESRCH</c>: there is no such process.</exception>
    public static ProcStat Read(int pid) => TryRead(pid) ?? throw new LinuxException(Errno.ESRCH, "read", $"/proc/{pid}/stat");

    /// <summary>Parses the text. The name in it is the process' own choice and may hold spaces and parentheses: it ends at the last one.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: it is not such a text.</exception>
    public static ProcStat Parse(ReadOnlySpan<byte> text, string subject = "stat")
    {
        int end = text.LastIndexOf((byte)')');
        if (end < 0 || end + 4 > text.Length)
            throw new LinuxException(Errno.EBADMSG, "parse", subject);
        ReadOnlySpan<byte> rest = text[(end + 2)..];
        char state = (char)MountInfoText.NextField(ref rest)[0];
        bool good = Utf8Parser.TryParse(MountInfoText.NextField(ref rest), out int parent, out _);
        for (int field = 5; field < 22; field++)
            MountInfoText.NextField(ref rest);
        good &= Utf8Parser.TryParse(MountInfoText.NextField(ref rest), out ulong startTime, out _);
        return good ? new ProcStat(state, parent, startTime) : throw new LinuxException(Errno.EBADMSG, "parse", subject);
    }
}
