using System.Runtime.CompilerServices;
using Rundlet.Init;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ProcessPlanner
{
    private const int CloneArgsPidfd = 8; // offset in struct clone_args

    /// <summary>
    /// Clones the process that carries the rest of the plan out, in the namespaces that this one has joined, and ends this
    /// one. The new process is a child of the parent's, which gets a pidfd of it over the line: <see cref="InitProcess.AwaitSuccessor"/>.
    /// </summary>
    /// <param name="flags"><c>CLONE_NEW*</c> of what must exist from the new process' first instruction on.</param>
    /// <param name="line">The child's end of the line.</param>
    /// <returns>The op's index.</returns>
    public int CloneSuccessor(ulong flags, int line)
    {
        // With CLONE_PARENT the signal at its end is the one of this process, clone(2).
        PlanData arguments = plan.Struct(new clone_args { flags = flags | CLONE.PARENT | CLONE.PIDFD });
        PlanData pidfd = plan.Struct(-1);
        plan.Pointer(arguments, CloneArgsPidfd, pidfd);
        PlanData message = FdMessage(plan.Count);
        return plan.Add("clone the container's process", OpCode.CloneSuccessor, null, 0, null, null, [arguments, Unsafe.SizeOf<clone_args>(), pidfd, line, message]);
    }
}
