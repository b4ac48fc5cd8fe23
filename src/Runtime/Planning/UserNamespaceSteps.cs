using Rundlet.Init;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>What every process does that has entered a user namespace.</summary>
internal static class UserNamespaceSteps
{
    /// <summary>Takes the ids of its root, for the rights over its files.</summary>
    public static void BecomeRootOfUserNamespace(this InitPlanBuilder plan)
    {
        // EINVAL: the map has no id 0; the process' own ids are set at the end in any case.
        plan.Call("become group 0 of the user namespace", null, new Tolerated(Errno.EINVAL), SYS.setresgid, 0, 0, 0);
        plan.Call("become user 0 of the user namespace", null, new Tolerated(Errno.EINVAL), SYS.setresuid, 0, 0, 0);
    }
}
