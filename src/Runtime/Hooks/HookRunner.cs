using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Runs one hook in the runtime's namespaces and waits for it. Its environment is what the spec gives and nothing
/// else, its working folder the bundle, its stdin the state; it dies with the runtime.
/// </summary>
internal static class HookRunner
{
    /// <summary>Runs it.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="state">Its stdin.</param>
    /// <param name="folder">Its working folder; the root where it is gone.</param>
    /// <param name="seconds">The longest it may take; negative for ever.</param>
    /// <param name="output">What it wrote.</param>
    /// <returns>0, an errno, or what <see cref="HookStatus"/> tells.</returns>
    /// <exception cref="LinuxException">It could not be forked.</exception>
    public static int Run(Hook hook, ReadOnlySpan<byte> state, string folder, int seconds, out string output)
    {
        using OwnedFd input = HookInput.Make();
        HookInput.Fill(input, state);
        using HookOutput pipe = HookOutput.Open();
        (int Parent, int Child) line = InitProcess.OpenLine();
        using InitPlanBlock block = Plan(hook, input, pipe, folder, line);
        using InitProcess process = InitProcess.Start(block, 0, line);
        using OwnedFd pidfd = new(process.Pidfd);
        pipe.Writing.Dispose();
        int status = Follow(process, pidfd, pipe, seconds);
        output = pipe.Text;
        return status;
    }

    private static InitPlanBlock Plan(Hook hook, OwnedFd input, HookOutput pipe, string folder, (int Parent, int Child) line)
    {
        const string Sentence = "run a hook";
        InitPlanBuilder plan = new();
        plan.Add(Sentence, OpCode.ResetSignals, null, 0, null, null, []);
        plan.Call(Sentence, SYS.prctl, PR.SET_PDEATHSIG, SIG.KILL);
        plan.Checkpoint(Sentence); // fails where the runtime had died before it could be tied to it
        PlanLabel gone = plan.Label();
        PlanLabel entered = plan.Label();
        plan.Call(Sentence, null, new Tolerated(Errno.ENOENT, gone), new Tolerated(Errno.EACCES, gone), SYS.chdir, plan.Text(folder));
        plan.Jump(entered);
        plan.Place(gone);
        plan.Call(Sentence, SYS.chdir, plan.Text("/"));
        plan.Place(entered);
        HookSteps.Add(plan, Sentence, hook, input, pipe.Writing, isOutside: true);
        return plan.Build(line.Child);
    }

    private static int Follow(InitProcess process, OwnedFd pidfd, HookOutput pipe, int seconds)
    {
        long end = seconds < 0 ? long.MaxValue : Environment.TickCount64 + seconds * 1000L;
        int failure = 0;
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
                LinuxException.ThrowIfError(ready, "poll", "hook");
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
                failure = next.Kind == ChildEventKind.Failed && failure == 0 ? (int)next.Errno : failure;
                continue;
            }
            if (ready > 0 && fds[2].revents != 0)
                writes = pipe.Drain();
            if (ready > 0 && fds[0].revents != 0)
            {
                int status = Collect(pidfd);
                pipe.Drain();
                return failure != 0 ? failure : status;
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
        LinuxException.ThrowIfError(answer, "waitid", "hook");
        if (info.si_code != CLD.EXITED)
            return HookStatus.Killed + info.si_status;
        return info.si_status == 0 ? 0 : HookStatus.Exited + info.si_status;
    }
}
