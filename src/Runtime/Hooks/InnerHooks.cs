using System.Globalization;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// The hooks that the container's first process runs itself, createContainer and startContainer: where their ops stand
/// in its plan, their stdin, and what the former write.
/// </summary>
internal sealed class InnerHooks : IDisposable
{
    private readonly ContainerHooks _hooks;
    private readonly List<(HookPoint Point, OwnedFd Fd)> _inputs = [];
    private readonly List<(int Op, HookPoint Point, int Index, string Path)> _planned = [];

    /// <summary>Nothing is planned yet.</summary>
    public InnerHooks(ContainerHooks hooks) => _hooks = hooks;

    /// <summary>What createContainer hooks write; null without them. Those of startContainer have the container's own stdio.</summary>
    public ProgramOutput? Output { get; private set; }

    /// <summary>For each startContainer hook the index of its first op, and behind the last one of the op after it; empty without them.</summary>
    public List<int> StartOps { get; } = [];

    /// <summary>Whether there are hooks of this point.</summary>
    public bool Has(HookPoint point) => _hooks.At(point).Count > 0;

    /// <summary>Adds the ops of all hooks of one point.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="point">The point.</param>
    /// <param name="folder">The hooks' working folder; null to stay.</param>
    public void Plan(InitPlanBuilder plan, HookPoint point, PlanArg? folder)
    {
        List<Hook> hooks = _hooks.At(point);
        if (hooks.Count == 0)
            return;
        if (point == HookPoint.CreateContainer)
            Output = ProgramOutput.Open();
        for (int i = 0; i < hooks.Count; i++)
        {
            string sentence = $"run {HookFailure.NameOf(point)} hook #{i} '{hooks[i].Path}'";
            PlanLabel end = plan.Label();
            OwnedFd input = HookInput.Make();
            _inputs.Add((point, input));
            int op = plan.RunHook(sentence, end, _hooks.SecondsOf(hooks[i]));
            _planned.Add((op, point, i, hooks[i].Path));
            plan.Call(sentence, SYS.prctl, PR.SET_PDEATHSIG, SIG.KILL);
            if (folder is { } fd)
                plan.Call(sentence, SYS.fchdir, fd);
            HookSteps.Add(plan, sentence, hooks[i], input, point == HookPoint.CreateContainer ? Output!.Writing : null, isOutside: false);
            plan.Place(end);
            if (point == HookPoint.StartContainer)
                StartOps.Add(op);
        }
        _planned.Add((plan.Count, point, -1, ""));
        if (point == HookPoint.StartContainer)
            StartOps.Add(plan.Count);
    }

    /// <summary>Writes the state for all of them, once the process is there.</summary>
    /// <param name="pid">Its pid on the host.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void FillInputs(int pid)
    {
        Output?.Writing.Dispose();
        if (_inputs.Count == 0)
            return;
        int inside = PidInside(pid);
        foreach ((HookPoint point, OwnedFd fd) in _inputs)
        {
            HookInput.Fill(fd, _hooks.StateAt(point, inside));
            fd.Dispose();
        }
    }

    /// <summary>Waits until the line can be read, and takes what hooks write meanwhile: a full pipe would hold them.</summary>
    public void AwaitLine(int line)
    {
        bool writes = Output is not null;
        Span<pollfd> fds = stackalloc pollfd[2];
        while (writes)
        {
            fds[0] = new pollfd { fd = line, events = POLL.IN };
            fds[1] = new pollfd { fd = Output!.Reading.Value, events = POLL.IN };
            int ready = Sys.poll(fds, -1);
            if (Sys.Is(ready, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(ready, "poll", "hook");
            if (fds[1].revents != 0)
                writes = Output.Drain();
            if (fds[0].revents != 0)
                return;
        }
    }

    /// <summary>The failure of an op as that of a hook; null where it belongs to none.</summary>
    public ContainerException? FailureOf(ChildEvent failure)
    {
        for (int i = _planned.Count - 1; i >= 0; i--)
        {
            (int op, HookPoint point, int index, string path) = _planned[i];
            if (failure.Op < op)
                continue;
            if (point == HookPoint.CreateContainer)
                Output?.Drain();
            return index < 0 ? null : HookFailure.Of(point, index, path, (int)failure.Errno, point == HookPoint.CreateContainer ? Output?.Text ?? "" : "");
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Output?.Dispose();
        foreach ((_, OwnedFd fd) in _inputs)
            fd.Dispose();
    }

    // NSpid in proc_pid_status(5): the pids from the reader's namespace down to the process' own.
    private static int PidInside(int pid)
    {
        foreach (string text in (FileIo.TryReadText($"/proc/{pid}/status") ?? "").Split('\n'))
        {
            if (text.StartsWith("NSpid:", StringComparison.Ordinal) && int.TryParse(text[(text.LastIndexOf('\t') + 1)..], CultureInfo.InvariantCulture, out int inside))
                return inside;
        }
        return pid;
    }
}
