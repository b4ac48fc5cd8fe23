using Rundlet.Syscalls;

namespace Rundlet.Init;

public static unsafe partial class ContainerInit
{
    // clone and not clone3: by the time of startContainer hooks the container's filter may be in force, and most of them
    // answer ENOSYS to clone3, whose flags they cannot see.
    private static long RunHook(timespec* longest)
    {
        int pidfd = -1;
        nint pid = ChildSys.Call(SYS.clone, (nint)CLONE.PIDFD | SIG.CHLD, 0, (nint)(&pidfd));
        if (pid <= 0)
            return pid;
        pollfd end;
        end.fd = pidfd;
        end.events = POLL.IN;
        end.revents = 0;
        timespec left = *longest; // the kernel writes back what is left of it
        nint ended;
        do
            ended = ChildSys.Call(SYS.ppoll, (nint)(&end), 1, left.tv_sec < 0 ? 0 : (nint)(&left), 0, sizeof(ulong));
        while (ended == -(nint)(int)Errno.EINTR);
        if (ended <= 0)
        {
            // It leads a group of its own, unless it did not come that far.
            ChildSys.Call(SYS.kill, -pid, SIG.KILL);
            ChildSys.Call(SYS.kill, pid, SIG.KILL);
        }
        siginfo_t info;
        nint collected;
        do
            collected = ChildSys.Call(SYS.waitid, P.PIDFD, pidfd, (nint)(&info), W.EXITED, 0);
        while (collected == -(nint)(int)Errno.EINTR);
        ChildSys.Call(SYS.close, pidfd);
        if (collected < 0)
            return collected;
        if (ended <= 0)
            return ended == 0 ? -HookStatus.TimedOut : ended;
        if (info.si_code != CLD.EXITED)
            return -(HookStatus.Killed + (info.si_status & 0x7F));
        return info.si_status == 0 ? 1 : -(HookStatus.Exited + (info.si_status & 0xFF));
    }

    private static long WritePid(byte* to)
    {
        const int MaxDigits = 11;
        byte* digits = stackalloc byte[MaxDigits];
        nint pid = ChildSys.Call(SYS.getpid);
        if (pid < 0)
            return pid;
        int first = MaxDigits;
        uint rest = (uint)pid;
        do
        {
            digits[--first] = (byte)('0' + rest % 10);
            rest /= 10;
        }
        while (rest != 0 && first > 0);
        int at = 0;
        while (first < MaxDigits)
            to[at++] = digits[first++];
        to[at] = 0;
        return 0;
    }
}
