using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>
/// The child's whole life between clone3(2) and execve(2). No allocation, no exception, no text: every op is one case
/// of a switch, and a failed one is reported as {op, errno}. <c>./dev childcheck</c> proves it on the machine code.
/// </summary>
public static unsafe partial class ContainerInit
{
    /// <summary>The exit status of a child whose op failed; the parent knows more from the status record.</summary>
    public const int FailedStatus = 1;

    /// <summary>Works the plan off. Ends in the user's program or in exit_group(2), never in a return.</summary>
    public static void Run(InitPlan* plan)
    {
        PlantAllocation(plan);
        int next = 0;
        while ((uint)next < (uint)plan->OpCount)
        {
            Op* op = plan->Ops + next;
            if (op->Code == OpCode.FollowPlan)
            {
                plan = (InitPlan*)Arg(plan, op, 0);
                next = 0;
                continue;
            }
            long answer = Carry(plan, op);
            if (answer is < 0 and >= -4095)
            {
                int errno = (int)-answer;
                if (op->Errno1 == errno)
                    next = op->Target1 == Op.Next ? next + 1 : op->Target1;
                else if (op->Errno2 == errno)
                    next = op->Target2 == Op.Next ? next + 1 : op->Target2;
                else
                    Fail(plan, next, errno);
                continue;
            }
            if (op->Result < plan->SlotCount)
                plan->Slots[op->Result] = answer;
            next = Jumps(plan, op, answer) ? (int)op->Args[0] : next + 1;
        }
        Fail(plan, plan->OpCount, (int)Errno.ENOEXEC);
    }

    private static long Carry(InitPlan* plan, Op* op)
    {
        switch (op->Code)
        {
            case OpCode.SystemCall:
                nint answer;
                int tries = 0;
                do
                    answer = ChildSys.Call(op->Number, Arg(plan, op, 0), Arg(plan, op, 1), Arg(plan, op, 2), Arg(plan, op, 3), Arg(plan, op, 4), Arg(plan, op, 5));
                while (answer == -(nint)(int)Errno.EAGAIN && op->Number == SYS.openat2 && tries++ < MaxTries);
                return answer;
            case OpCode.Jump or OpCode.JumpIfSet:
                return 0;
            case OpCode.OpenTarget:
                return OpenTarget((int)Arg(plan, op, 0), (byte*)Arg(plan, op, 1), Arg(plan, op, 2) != 0, (uint)Arg(plan, op, 3), (ulong)Arg(plan, op, 4));
            case OpCode.CopyMode:
                return CopyMode((int)Arg(plan, op, 0), (int)Arg(plan, op, 1));
            case OpCode.CopyTree:
                return CopyTree((int)Arg(plan, op, 0), (int)Arg(plan, op, 1), Arg(plan, op, 2) != 0);
            case OpCode.CheckNode:
                return CheckNode((int)Arg(plan, op, 0), (byte*)Arg(plan, op, 1), (uint)Arg(plan, op, 2), (ulong)Arg(plan, op, 3));
            case OpCode.Await:
                return Await((int)Arg(plan, op, 0));
            case OpCode.AwaitPeer:
                return AwaitPeer((int)Arg(plan, op, 0), (int)Arg(plan, op, 1));
            case OpCode.Checkpoint:
                return Report(plan, (int)(op - plan->Ops), 0);
            case OpCode.RedirectStatus:
                plan->StatusFd = (int)Arg(plan, op, 0);
                return 0;
            case OpCode.SendFd:
                return SendFd((int)Arg(plan, op, 0), (int)Arg(plan, op, 1), (msghdr*)Arg(plan, op, 2));
            case OpCode.ResetSignals:
                return ResetSignals();
            case OpCode.FindExecutable:
                return FindExecutable(plan, (byte**)Arg(plan, op, 0));
            case OpCode.Execute:
                return ChildSys.Call(SYS.execve, (nint)((byte**)Arg(plan, op, 0))[plan->Executable], Arg(plan, op, 1), Arg(plan, op, 2));
            case OpCode.DropBoundingSet:
                return DropBoundingSet((ulong)Arg(plan, op, 0), (int)Arg(plan, op, 1));
            case OpCode.CloneSuccessor:
                return CloneSuccessor(Arg(plan, op, 0), Arg(plan, op, 1), (int*)Arg(plan, op, 2), (int)Arg(plan, op, 3), (msghdr*)Arg(plan, op, 4));
            case OpCode.FindHome:
                return FindHome((byte*)Arg(plan, op, 0), (uint)Arg(plan, op, 1), (byte*)Arg(plan, op, 2), (int)Arg(plan, op, 3));
            case OpCode.CheckWorkingDirectory:
                return CheckWorkingDirectory();
            case OpCode.RunHook:
                return RunHook((timespec*)Arg(plan, op, 1));
            case OpCode.WritePid:
                return WritePid((byte*)Arg(plan, op, 0));
            default:
                return -(long)Errno.ENOSYS;
        }
    }

    private static bool Jumps(InitPlan* plan, Op* op, long answer) => op->Code switch
    {
        OpCode.Jump => true,
        OpCode.JumpIfSet => (long)Arg(plan, op, 1) >= 0,
        OpCode.RunHook => answer != 0, // 0 is the hook's own process, which goes on with its own ops
        _ => false,
    };

    private static nint Arg(InitPlan* plan, Op* op, int index)
    {
        long value = ((long*)&op->Args)[index]; // the indexer of an inline array would check, and throw
        if ((op->SlotMask >> index & 1) == 0)
            return (nint)value;
        return (ulong)value < (ulong)plan->SlotCount ? (nint)plan->Slots[value] : -1;
    }

    private static long Report(InitPlan* plan, int op, int errno)
    {
        StatusRecord record;
        record.Op = plan->FirstOp + op;
        record.Errno = errno;
        return ChildSys.Call(SYS.write, plan->StatusFd, (nint)(&record), sizeof(StatusRecord)); // SIGPIPE is as good an end as any
    }

    private static void Fail(InitPlan* plan, int op, int errno)
    {
        Report(plan, op, errno);
        while (true)
            ChildSys.Call(SYS.exit_group, FailedStatus);
    }
}
