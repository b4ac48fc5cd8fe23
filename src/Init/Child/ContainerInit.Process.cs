using Rundlet.Syscalls;

namespace Rundlet.Init;

public static unsafe partial class ContainerInit
{
    private static long Await(int fd)
    {
        byte go;
        while (true)
        {
            nint got = ChildSys.Call(SYS.read, fd, (nint)(&go), 1);
            if (got == -(nint)(int)Errno.EINTR)
                continue;
            if (got == 0)
                ChildSys.Call(SYS.exit_group, FailedStatus); // nobody is left to tell
            return got;
        }
    }

    private struct PeerFds
    {
        public pollfd Line;
        public pollfd Peer;
    }

    private static long AwaitPeer(int line, int peer)
    {
        PeerFds fds;
        fds.Line.fd = line;
        fds.Peer.fd = peer;
        fds.Line.events = fds.Peer.events = POLL.IN;
        while (true)
        {
            fds.Line.revents = fds.Peer.revents = 0;
            nint ready = ChildSys.Call(SYS.ppoll, (nint)(&fds), 2, 0, 0, sizeof(ulong));
            if (ready < 0 && ready != -(nint)(int)Errno.EINTR)
                return ready;
            if (ready > 0 && fds.Line.revents != 0)
                return Await(line);
            if (ready > 0)
                ChildSys.Call(SYS.exit_group, FailedStatus);
        }
    }

    private static long SendFd(int socket, int fd, msghdr* message)
    {
        cmsghdr* header = (cmsghdr*)message->msg_control;
        *(int*)((byte*)header + sizeof(cmsghdr)) = fd;
        return ChildSys.Call(SYS.sendmsg, socket, (nint)message, MSG.NOSIGNAL);
    }

    private static long CloneSuccessor(nint arguments, nint size, int* pidfd, int socket, msghdr* message)
    {
        nint pid = ChildSys.Call(SYS.clone3, arguments, size);
        if (pid <= 0)
            return pid;
        long sent = SendFd(socket, *pidfd, message);
        while (true)
            ChildSys.Call(SYS.exit_group, sent < 0 ? FailedStatus : 0); // where nobody heard it the line is closed, and the successor ends too
    }

    // Ignored signals survive execve, and .NET ignores SIGPIPE; whoever started us may have ignored others.
    private static long ResetSignals()
    {
        kernel_sigaction action;
        action.sa_handler = 0;
        action.sa_flags = 0;
#if !ARM64
        action.sa_restorer = 0;
#endif
        action.sa_mask = 0;
        for (int signal = 1; signal <= 64; signal++)
        {
            if (signal is SIG.KILL or SIG.STOP)
                continue;
            nint answer = ChildSys.Call(SYS.rt_sigaction, signal, (nint)(&action), 0, sizeof(ulong));
            if (answer < 0)
                return answer;
        }
        ulong none = 0;
        return ChildSys.Call(SYS.rt_sigprocmask, SIG_HOW.SETMASK, (nint)(&none), 0, sizeof(ulong));
    }

    // As execvp(3): the first candidate that is a regular file which this user may execute. A candidate that exists
    // but may not be executed decides the error, if no later one will do.
    private static long FindExecutable(InitPlan* plan, byte** candidates)
    {
        long error = -(long)Errno.ENOENT;
        for (int i = 0; candidates[i] != null; i++)
        {
            open_how how;
            how.flags = O.PATH | O.CLOEXEC;
            how.mode = 0;
            how.resolve = RESOLVE.NO_MAGICLINKS; // never /proc/self/exe, never /proc/self/fd/N
            nint fd = ChildSys.Call(SYS.openat2, Sys.AT_FDCWD, (nint)candidates[i], (nint)(&how), sizeof(open_how));
            if (fd < 0)
            {
                if (fd is not -(int)Errno.ENOENT and not -(int)Errno.ENOTDIR)
                    error = fd;
                continue;
            }
            long answer = CheckExecutable((int)fd);
            ChildSys.Call(SYS.close, fd);
            if (answer >= 0)
            {
                plan->Executable = i;
                return 0;
            }
            error = answer;
        }
        return error;
    }

    private static long CheckExecutable(int fd)
    {
        byte empty = 0;
        statx_t file;
        nint answer = ChildSys.Call(SYS.statx, fd, (nint)(&empty), AT.EMPTY_PATH, (nint)STATX.TYPE, (nint)(&file));
        if (answer < 0)
            return answer;
        if ((file.stx_mode & S.IFMT) == S.IFDIR)
            return -(long)Errno.EISDIR;
        if ((file.stx_mode & S.IFMT) != S.IFREG)
            return -(long)Errno.EACCES;
        answer = ChildSys.Call(SYS.faccessat2, fd, (nint)(&empty), 1, AT.EMPTY_PATH | AT.EACCESS);
        return answer == -(nint)(int)Errno.ENOSYS ? 0 : answer; // before Linux 5.8 execve itself says
    }

    private static long DropBoundingSet(ulong keep, int last)
    {
        for (int capability = 0; capability <= last; capability++)
        {
            if ((keep >> capability & 1) != 0)
                continue;
            nint answer = ChildSys.Call(SYS.prctl, PR.CAPBSET_DROP, capability);
            // Without CAP_SETPCAP it may not even drop what it does not have.
            if (answer == -(nint)(int)Errno.EPERM && ChildSys.Call(SYS.prctl, PR.CAPBSET_READ, capability) is var present and not 1)
                answer = present;
            if (answer == -(nint)(int)Errno.EINVAL)
                return 0; // the kernel has no more
            if (answer < 0)
                return answer;
        }
        return 0;
    }

    // A folder outside of the root shows as "(unreachable)/…" (getcwd(2)); an fd leaked into the container would be
    // the way there (CVE-2024-21626).
    private static long CheckWorkingDirectory()
    {
        const int Size = 4096;
        byte* path = stackalloc byte[Size];
        nint length = ChildSys.Call(SYS.getcwd, (nint)path, Size);
        if (length < 0)
            return length == -(nint)(int)Errno.ERANGE ? 0 : length;
        return path[0] == (byte)'/' ? 0 : -(long)Errno.EXDEV;
    }
}
