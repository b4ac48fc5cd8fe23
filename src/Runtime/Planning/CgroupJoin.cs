using Rundlet.Init;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>How a process comes into cgroups of v1.</summary>
internal static class CgroupJoin
{
    /// <summary>The child moves itself, while it still sees the host's files.</summary>
    /// <param name="plan">Where the ops go.</param>
    /// <param name="taskFiles">The files to write to; none for none.</param>
    public static void JoinCgroups(this InitPlanBuilder plan, IReadOnlyList<string> taskFiles)
    {
        if (taskFiles.Count == 0)
            return;
        PlanData self = plan.Text("0");
        PlanSlot file = plan.Slot();
        foreach (string path in taskFiles)
        {
            plan.Call($"open '{path}'", file, SYS.openat, Sys.AT_FDCWD, plan.Text(path), O.WRONLY | O.CLOEXEC);
            plan.Call($"join the cgroup of '{path}'", SYS.write, file, self, 1);
            plan.Call("close", SYS.close, file);
        }
    }
}
