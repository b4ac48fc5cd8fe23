using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>The ops of a hook's process between fork and execve, the same for the runtime's child and the container's.</summary>
internal static class HookSteps
{
    /// <summary>Adds them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="sentence">What all of them are for.</param>
    /// <param name="hook">The hook.</param>
    /// <param name="input">Its stdin.</param>
    /// <param name="output">Its stdout and stderr; null for those of the process that forks.</param>
    /// <param name="isOutside">
    /// Whether it runs outside of the container, where its path may lead through a link of procfs: dockerd names itself as
    /// <c>/proc/PID/exe</c>. Inside, such a link could lead back to the host.
    /// </param>
    public static void Add(InitPlanBuilder plan, string sentence, Hook hook, OwnedFd input, OwnedFd? output, bool isOutside)
    {
        plan.Call(sentence, SYS.setsid); // the group that a timeout kills
        plan.Call(sentence, SYS.dup3, input.Value, 0, 0);
        if (output is not null)
        {
            plan.Call(sentence, SYS.dup3, output.Value, 1, 0);
            plan.Call(sentence, SYS.dup3, output.Value, 2, 0);
        }
        plan.Call(sentence, SYS.close_range, 3, uint.MaxValue, CLOSE_RANGE.CLOEXEC);
        PlanData program = plan.Vector([hook.Path]);
        plan.Add(sentence, OpCode.FindExecutable, null, 0, isOutside ? new Tolerated(Errno.ELOOP) : null, null, [program]);
        // Nothing of the caller's environment (CVE-2025-23266 and its kin): what the spec gives, and else none.
        plan.Add(sentence, OpCode.Execute, null, 0, null, null, [program, plan.Vector(hook.Args is { Count: > 0 } args ? args : [hook.Path]), plan.Vector(hook.Env ?? [])]);
    }
}
