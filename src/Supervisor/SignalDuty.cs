using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// Signals as an fd. SIGCHLD: reaps every child, orphans of the container included, because the supervisor is their
/// subreaper. SIGTERM (the machine shuts down): ends the container. The rest (a terminal's signals, SIGPIPE) means nothing here.
/// </summary>
internal sealed class SignalDuty : IDisposable
{
    private readonly OwnedFd _signals;
    private readonly Action<siginfo_t> _reaped;
    private readonly Action _terminate;

    /// <summary>Starts to listen.</summary>
    public SignalDuty(EventLoop loop, Action<siginfo_t> reaped, Action terminate)
    {
        _reaped = reaped;
        _terminate = terminate;
        _signals = OwnedFd.FromAnswer(Sys.signalfd4(SupervisorProgram.BlockedSignals, O.NONBLOCK), "signalfd4");
        loop.Add(_signals, EPOLL.IN, _ => Read());
    }

    /// <summary>
    /// Whether they were blocked from the first instruction on. Else one that came before they are read here would end the process, or
    /// get lost.
    /// </summary>
    public static bool AreBlocked() =>
        Sys.rt_sigprocmask(SIG_HOW.BLOCK, 0, out ulong blocked) >= 0 && (blocked & SupervisorProgram.BlockedSignals) == SupervisorProgram.BlockedSignals;

    /// <inheritdoc/>
    public void Dispose() => _signals.Dispose();

    private void Read()
    {
        Span<byte> buffer = stackalloc byte[Marshal.SizeOf<signalfd_siginfo>()];
        bool terminate = false, children = false;
        while (Sys.read(_signals.Value, buffer) == buffer.Length)
        {
            uint signal = MemoryMarshal.Read<signalfd_siginfo>(buffer).ssi_signo;
            terminate |= signal == SIG.TERM;
            children |= signal == SIG.CHLD;
        }
        if (terminate)
            _terminate();
        if (children)
            Reap();
    }

    // One SIGCHLD may stand for several children.
    private void Reap()
    {
        while (Sys.waitid(P.ALL, 0, out siginfo_t info, W.EXITED | W.NOHANG) >= 0 && info.si_pid != 0)
            _reaped(info);
    }
}
