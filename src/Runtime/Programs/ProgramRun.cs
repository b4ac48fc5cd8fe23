using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// A program of the host that the runtime runs and waits for: a clone that works off a plan, the last op of which is execve. It dies
/// with the runtime. Only for <c>runcs</c> and the supervisor, see <see cref="InitProcess"/>; <see cref="HelperProgram"/> is for all.
/// </summary>
internal static class ProgramRun
{
    /// <summary>Begins a plan: from the first op on the process goes when its parent does.</summary>
    public static InitPlanBuilder Begin(string sentence)
    {
        InitPlanBuilder plan = new(ops: 64);
        plan.Add(sentence, OpCode.ResetSignals, null, 0, null, null, []);
        plan.Call(sentence, SYS.prctl, PR.SET_PDEATHSIG, SIG.KILL);
        plan.Checkpoint(sentence); // fails where the parent had died before it could be tied to it
        return plan;
    }

    /// <summary>Runs it.</summary>
    /// <param name="plan">What it does.</param>
    /// <param name="output">What the plan makes its output; read here, its writing end closed.</param>
    /// <param name="seconds">The longest it may take; negative for ever. Then it is killed, and its group where it leads one.</param>
    /// <exception cref="LinuxException">It could not be forked.</exception>
    public static ProgramEnd Run(InitPlanBuilder plan, ProgramOutput output, int seconds)
    {
        (int Parent, int Child) line = InitProcess.OpenLine();
        using InitPlanBlock block = plan.Build(line.Child);
        using InitProcess process = InitProcess.Start(block, 0, line);
        using OwnedFd pidfd = new(process.Pidfd);
        output.Writing.Dispose();
        int status = Follow(process, pidfd, output, seconds, out ChildEvent failure);
        return failure.Kind == ChildEventKind.Failed
            ? new ProgramEnd(status, failure.Errno, block.SentenceOf(failure.Op))
            : new ProgramEnd(status, Errno.None, "");
    }

    private static int Follow(InitProcess process, OwnedFd pidfd, ProgramOutput pipe, int seconds, out ChildEvent failure)
    {
        long end = seconds < 0 ? long.MaxValue : Environment.TickCount64 + seconds * 1000L;
        failure = default;
        bool talks = true;
        bool writes = true;
        Span<pollfd> fds = stackalloc pollfd[3];
        while (true)
        {
            fds[0] = new pollfd { fd = pidfd.Value, events = POLL.IN };
            fds[1] = new pollfd { fd = talks ? process.Line : -1, events = POLL.IN };
            fds[2] = new pollfd { fd = writes ? pipe.Reading.Value : -1, events = POLL.IN };
            long left = seconds < 0 ? -1 : Math.Max(0, end - Environment.TickCount64);
            int ready = Sys.poll(fds, (int)Math.Min(left, int.MaxValue));
            if (!Sys.Is(ready, Errno.EINTR))
                LinuxException.ThrowIfError(ready, "poll", "program");
            if (ready == 0 && left <= int.MaxValue)
            {
                _ = Sys.kill(-process.Pid, SIG.KILL); // ignored: it may not lead a group yet
                _ = Sys.pidfd_send_signal(pidfd.Value, SIG.KILL); // ignored: it may have ended by itself just now
                Collect(pidfd);
                pipe.Drain();
                return HookStatus.TimedOut;
            }
            if (ready > 0 && fds[1].revents != 0)
            {
                ChildEvent next = process.Next(out _);
                talks = next.Kind != ChildEventKind.Closed;
                if (next.Kind == ChildEventKind.Failed && failure.Kind != ChildEventKind.Failed)
                    failure = next;
                continue;
            }
            if (ready > 0 && fds[2].revents != 0)
                writes = pipe.Drain();
            if (ready > 0 && fds[0].revents != 0)
            {
                int status = Collect(pidfd);
                pipe.Drain();
                return status;
            }
        }
    }

    private static int Collect(OwnedFd pidfd)
    {
        int answer;
        siginfo_t info;
        do
            answer = Sys.waitid(P.PIDFD, pidfd.Value, out info, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "waitid", "program");
        if (info.si_code != CLD.EXITED)
            return HookStatus.Killed + info.si_status;
        return info.si_status == 0 ? 0 : HookStatus.Exited + info.si_status;
    }
}
