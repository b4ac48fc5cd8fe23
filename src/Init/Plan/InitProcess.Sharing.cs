using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Init;

// A child that does not get a copy of the parent's memory but works in it until execve, as posix_spawn(3) does: nothing is copied at
// the clone, nothing on the first write to a page, nothing given back at execve.
//
//   lowest                                             highest
//   | stack of the child, grows down  | SharedStart | errno | thread pointer |
//
// The parent goes on meanwhile, and both see each other's memory. The child reads nothing but its plan and writes nothing but its plan,
// its stack and its errno; the parent touches none of these until the child is gone. A collection in the parent does not concern it:
// it holds no reference, and the poll behind its system calls is answered for it (EarlyRuntime).
public sealed unsafe partial class InitProcess
{
    /// <summary>Whether a child can share the memory of its parent on this processor.</summary>
#if ARM64
    // There a return address is a register, and a child on a stack of its own would return into the parent's frame.
    public const bool CanShare = false;
#else
    public const bool CanShare = true;
#endif
    private const int StackSize = 1 << 20; // untouched pages cost nothing; copying a tree of 128 folders takes 600 KB
    private const int ThreadSize = 4096; // more than all thread-local variables of the program
    private const int RedZone = 64;

    [StructLayout(LayoutKind.Sequential)]
    private struct SharedStart
    {
        public clone_args Arguments; // first: the child finds all by the argument of its clone3
        public InitPlan* Plan;
        public int ParentEnd;
        public int HasBegun; // written by the child
    }

    private SharedStart* _start; // on the stack of a child that shares our memory, which is there for ever

    /// <summary>Whether the child was seen to run: only one that shares our memory is seen before it says something.</summary>
    public bool HasBegun => _start != null && Volatile.Read(ref _start->HasBegun) != 0;

    /// <summary>The checkpoint by which a child that began with this process' fds says that it has its own.</summary>
    public int SeparateOp { get; set; } = -1;

    /// <summary>Lets a child go on with another plan, where it stands at the end of one that <see cref="OpCode.FollowPlan"/> ends.</summary>
    public void Follow(InitPlanBlock before, PlanSlot slot, InitPlanBlock block)
    {
        block.Keep();
        block.Before = before;
        before.Write(slot, (long)block.Plan);
        Release();
    }

    /// <summary>
    /// Waits until a child that began with this process' fds has its own: then its end of the line can be closed here, and is closed
    /// for good when the child is gone. <see cref="Next"/> does it by itself; who waits on the line otherwise has to before.
    /// </summary>
    /// <exception cref="LinuxException">The line broke.</exception>
    public void Separate()
    {
        if (_childEnd < 0)
            return;
        if (AwaitWord())
        {
            int end = _childEnd;
            _childEnd = -1; // Next comes back here
            ChildEvent next = Next(out _);
            _childEnd = end;
            if (next.Kind != ChildEventKind.Reached || next.Op != SeparateOp)
                _early = next;
        }
        CloseChildEnd();
    }

    private void CloseChildEnd()
    {
        if (_childEnd >= 0)
            _ = Sys.close(_childEnd); // ignored: the fd is gone whatever close(2) answers
        _childEnd = -1;
    }

    private static nint CloneSharing(clone_args* wanted, InitPlan* plan, int parentEnd, out SharedStart* shared)
    {
        const int Protection = PROT.READ | PROT.WRITE;
        const int Flags = MAP.PRIVATE | MAP.ANONYMOUS;
        shared = null;
        nint memory = ChildSys.Call(SYS.mmap, 0, StackSize + ThreadSize, Protection, Flags, -1, 0);
        if (memory is < 0 and >= -4095)
            return memory;
        nint thread = memory + StackSize + ThreadSize - RedZone;
        *(nint*)thread = thread; // the C library finds errno by the pointer that stands here
        SharedStart* start = (SharedStart*)(memory + StackSize - sizeof(SharedStart) & ~15);
        shared = start;
        *start = new SharedStart { Arguments = *wanted, Plan = plan, ParentEnd = parentEnd };
        // The C library's syscall(2) returns in the child too, to what stands on the child's stack: the entry, which then
        // finds its stack as after a call.
        nint* top = (nint*)start - 2;
        *top = (nint)(delegate*<SharedStart*, void>)&Enter;
        start->Arguments.flags |= CLONE.VM | CLONE.SETTLS;
        start->Arguments.tls = (ulong)thread;
        start->Arguments.stack = (ulong)memory;
        start->Arguments.stack_size = (ulong)((nint)top - memory);
        EarlyRuntime.ChildStack = memory;
        EarlyRuntime.ChildStackEnd = memory + StackSize;
        return ChildSys.Call(SYS.clone3, (nint)start, sizeof(clone_args));
    }

    // The first argument is still in its register.
    private static void Enter(SharedStart* start)
    {
        start->HasBegun = 1;
        if (start->ParentEnd >= 0)
            ChildSys.Call(SYS.close, start->ParentEnd);
        ContainerInit.Run(start->Plan);
    }
}
