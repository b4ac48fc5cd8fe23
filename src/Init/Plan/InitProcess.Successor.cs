using System.Buffers.Text;
using Rundlet.Syscalls;

namespace Rundlet.Init;

public sealed unsafe partial class InitProcess
{
    private ChildEvent? _early; // what a successor said before its predecessor did

    /// <summary>Waits until the child has cloned its successor (<see cref="OpCode.CloneSuccessor"/>), and collects the child.</summary>
    /// <param name="end">Why there is no successor: the failure of an op, or the line was closed.</param>
    /// <returns>The successor, which has the line now; null where there is none, and this process is the one to deal with.</returns>
    /// <exception cref="LinuxException">The line broke.</exception>
    public InitProcess? AwaitSuccessor(out ChildEvent end)
    {
        ChildEvent? early = null;
        while (AwaitWord())
        {
            ChildEvent next = Next(out int fd);
            if (fd >= 0)
            {
                end = next;
                return Succeed(fd, early);
            }
            early ??= next;
            if (next.Kind == ChildEventKind.Closed)
                break;
        }
        // It failed, or was killed between the clone and its message: then the successor ends with the line.
        end = early ?? new ChildEvent(ChildEventKind.Closed, -1, Errno.None);
        return null;
    }

    // Whether there is something to read on the line before the child's end.
    private bool AwaitWord()
    {
        Span<pollfd> fds = [new pollfd { fd = _line, events = POLL.IN }, new pollfd { fd = Pidfd, events = POLL.IN }];
        while (true)
        {
            int ready = Sys.poll(fds, -1);
            if (Sys.Is(ready, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(ready, "wait for the child");
            if (fds[0].revents != 0)
                return true;
            return Sys.poll(fds[..1], 0) > 0; // what it said before its end is there by now
        }
    }

    private InitProcess Succeed(int pidfd, ChildEvent? early)
    {
        int answer;
        do
            answer = Sys.waitid(P.PIDFD, Pidfd, out _, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "collect the child");
        InitProcess successor = new(PidOf(pidfd), pidfd, _line) { _early = early };
        _line = -1;
        return successor;
    }

    // The kernel's own word, in this process' numbers: the successor may be in another pid namespace.
    private static int PidOf(int pidfd)
    {
        string path = $"/proc/self/fdinfo/{pidfd}";
        int file = LinuxException.ThrowIfError(Sys.openat(Sys.AT_FDCWD, path, O.RDONLY), "open", path);
        Span<byte> text = stackalloc byte[1024];
        nint got = Sys.read(file, text);
        _ = Sys.close(file); // ignored: nothing was written
        ReadOnlySpan<byte> lines = text[..(int)LinuxException.ThrowIfError(got, "read", path)];
        int at = lines.IndexOf("\nPid:\t"u8);
        if (at >= 0 && Utf8Parser.TryParse(lines[(at + 6)..], out int pid, out _) && pid > 0)
            return pid;
        throw new LinuxException(Errno.ESRCH, "read the pid of the container's process from", path);
    }
}
