using System.Runtime.CompilerServices;
using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>How a child came back to its parent: reached a checkpoint, failed in an op, or closed the line.</summary>
public enum ChildEventKind
{
    /// <summary>The child passed a checkpoint; <see cref="ChildEvent.Op"/> is its index.</summary>
    Reached,

    /// <summary>An op failed with <see cref="ChildEvent.Errno"/>.</summary>
    Failed,

    /// <summary>The child's end is closed: execve has happened, or the child was killed.</summary>
    Closed,
}

/// <summary>What a child said.</summary>
public readonly record struct ChildEvent(ChildEventKind Kind, int Op, Errno Errno);

/// <summary>
/// A process cloned to work off a plan, seen from its parent. Only <c>runcs</c> and the supervisor may use it, and
/// both keep exactly one managed thread: a second one in a garbage collection would hang the child.
/// </summary>
public sealed unsafe partial class InitProcess : IDisposable
{
    private int _line;
    private int _childEnd = -1; // of the line, where the child shares our fds

    private InitProcess(int pid, int pidfd, int line)
    {
        Pid = pid;
        Pidfd = pidfd;
        _line = line;
    }

    /// <summary>The child's pid in the parent's pid namespace.</summary>
    public int Pid { get; }

    /// <summary>A pidfd of the child, close-on-exec; the owner of this object must give it to someone or close it.</summary>
    public int Pidfd { get; }

    /// <summary>The parent's end of the line to the child.</summary>
    public int Line => _line;

    /// <summary>The two ends of the line between parent and child; the child's end is the plan's status fd.</summary>
    /// <exception cref="LinuxException">No socket pair could be made.</exception>
    public static (int Parent, int Child) OpenLine()
    {
        LinuxException.ThrowIfError(Sys.socketpair(AF.UNIX, SOCK.SEQPACKET, out int parent, out int child), "socketpair");
        return (parent, child);
    }

    /// <summary>Closes both ends of a line that no child was given.</summary>
    public static void CloseLine((int Parent, int Child) line)
    {
        _ = Sys.close(line.Child); // ignored: the fd is gone whatever close(2) answers
        _ = Sys.close(line.Parent); // ignored: as above
    }

    /// <summary>Clones a child that works the plan off.</summary>
    /// <param name="block">The plan; must live until the child was cloned.</param>
    /// <param name="flags"><c>CLONE_NEW*</c> of the namespaces that must exist from the first instruction on (user, pid).</param>
    /// <param name="line">Both ends of <see cref="OpenLine"/>; the child's end is closed here in every case but <see cref="CloneOptions.SharesFds"/>.</param>
    /// <param name="options">The rest.</param>
    /// <exception cref="LinuxException">clone3 failed.</exception>
    public static InitProcess Start(InitPlanBlock block, ulong flags, (int Parent, int Child) line, CloneOptions options = default)
    {
        int pidfd = -1;
        clone_args args = new()
        {
            flags = flags | CLONE.PIDFD | (options.SharesFds ? CLONE.FILES : 0) | (options.CgroupFd is not null ? CLONE.INTO_CGROUP : 0),
            pidfd = (ulong)&pidfd,
            exit_signal = SIG.CHLD,
            cgroup = (ulong)(options.CgroupFd ?? 0),
        };
        if (options.SharesMemory && CanShare)
            block.Keep();
        else
            KeepHeap(block);
        // No signal may run a handler of .NET in the child before it has reset them.
        ulong all = ulong.MaxValue, before;
        ChildSys.Call(SYS.rt_sigprocmask, SIG_HOW.SETMASK, (nint)(&all), (nint)(&before), sizeof(ulong));
        nint pid = Clone(&args, block.Plan, line, options, out SharedStart* start);
        if (pid < 0 && options.CgroupFd is not null && options.Elsewhere?.Invoke(Sys.ErrorOf(pid)) is >= 0 and int other)
        {
            args.cgroup = (ulong)other;
            pid = Clone(&args, block.Plan, line, options, out start);
            _ = Sys.close(other); // ignored: the fd is gone whatever close(2) answers
        }
        ChildSys.Call(SYS.rt_sigprocmask, SIG_HOW.SETMASK, (nint)(&before), 0, sizeof(ulong));
        if (!options.SharesFds || pid < 0)
            _ = Sys.close(line.Child); // ignored: the fd is gone whatever close(2) answers
        if (pid < 0)
            _ = Sys.close(line.Parent); // ignored: as above
        LinuxException.ThrowIfError(pid, "clone3");
        return new InitProcess((int)pid, pidfd, line.Parent) { _childEnd = options.SharesFds ? line.Child : -1, _start = start };
    }

    /// <summary>Lets a child go on that stands at an <see cref="OpCode.Await"/> on its line.</summary>
    /// <returns>Whether the child was there to be told; where not, <see cref="Next"/> says why.</returns>
    public bool Release()
    {
        ReadOnlySpan<byte> go = [1];
        return Sys.send(_line, go, MSG.NOSIGNAL) == 1;
    }

    /// <summary>Waits for the child's next word.</summary>
    /// <param name="fd">An fd that came with it (<see cref="OpCode.SendFd"/>), or -1; the caller owns it.</param>
    /// <exception cref="LinuxException">The line broke.</exception>
    public ChildEvent Next(out int fd)
    {
        Span<byte> buffer = stackalloc byte[sizeof(StatusRecord)];
        Span<int> fds = stackalloc int[1];
        fd = -1;
        Separate();
        if (_early is { } early)
        {
            _early = null;
            return early;
        }
        while (true)
        {
            nint got = Sys.ReceiveWithFds(_line, buffer, fds, out int received, 0);
            // ECONNRESET comes once, where the child died with a byte of ours unread, and before what it had said itself.
            if (Sys.Is(got, Errno.EINTR) || Sys.Is(got, Errno.ECONNRESET))
                continue;
            if (got == 0)
                return new ChildEvent(ChildEventKind.Closed, -1, Errno.None);
            LinuxException.ThrowIfError(got, "receive from the child");
            if (received > 0)
                fd = fds[0];
            StatusRecord record = Unsafe.ReadUnaligned<StatusRecord>(ref buffer[0]);
            return record.Errno == 0
                ? new ChildEvent(ChildEventKind.Reached, record.Op, Errno.None)
                : new ChildEvent(ChildEventKind.Failed, record.Op, (Errno)record.Errno);
        }
    }

    /// <summary>Closes the parent's end of the line; a child that still waits on it ends.</summary>
    public void Dispose()
    {
        if (_line >= 0)
            _ = Sys.close(_line); // ignored: the fd is gone whatever close(2) answers
        _line = -1;
        CloseChildEnd();
    }

    // The child has no use for the managed heap, and a copy is dear: its page tables are copied now, and every page that the parent
    // writes to later. Nearly all of it lies in the region of the newest objects, of which the plan is one; regions are aligned to
    // their size.
    private static void KeepHeap(InitPlanBlock newest)
    {
        const nint RegionSize = 4 << 20;
        nint region = *(nint*)Unsafe.AsPointer(ref newest) & ~(RegionSize - 1);
        _ = ChildSys.Call(SYS.madvise, region, RegionSize, MADV.DONTFORK); // ignored: without it all works, a little slower
    }

    private static nint Clone(clone_args* args, InitPlan* plan, (int Parent, int Child) line, CloneOptions options, out SharedStart* start)
    {
        start = null;
        return options.SharesMemory && CanShare
            ? CloneSharing(args, plan, options.SharesFds ? -1 : line.Parent, out start)
            : Clone(args, plan, line.Parent);
    }

    // A frame of its own, kept small: the child lives on a copy of it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Clone(clone_args* args, InitPlan* plan, int parentEnd)
    {
        nint pid = ChildSys.Call(SYS.clone3, (nint)args, sizeof(clone_args));
        if (pid == 0)
        {
            // With a copy of the parent's end the child would never see that the parent has died.
            ChildSys.Call(SYS.close, parentEnd);
            ContainerInit.Run(plan);
        }
        return pid;
    }
}
