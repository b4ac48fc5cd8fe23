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
        using ProgramOutput pipe = ProgramOutput.Open();
        ProgramEnd end = ProgramRun.Run(Plan(hook, input, pipe, folder), pipe, seconds);
        output = pipe.Text;
        return end.Failed != Errno.None ? (int)end.Failed : end.Status;
    }

    private static InitPlanBuilder Plan(Hook hook, OwnedFd input, ProgramOutput pipe, string folder)
    {
        const string Sentence = "run a hook";
        InitPlanBuilder plan = ProgramRun.Begin(Sentence);
        PlanLabel gone = plan.Label();
        PlanLabel entered = plan.Label();
        plan.Call(Sentence, null, new Tolerated(Errno.ENOENT, gone), new Tolerated(Errno.EACCES, gone), SYS.chdir, plan.Text(folder));
        plan.Jump(entered);
        plan.Place(gone);
        plan.Call(Sentence, SYS.chdir, plan.Text("/"));
        plan.Place(entered);
        HookSteps.Add(plan, Sentence, hook, input, pipe.Writing, isOutside: true);
        return plan;
    }
}
