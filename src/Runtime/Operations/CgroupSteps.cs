using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;

namespace Rundlet.Runtime;

/// <summary>How a container's first process comes into its cgroup.</summary>
/// <param name="IsInCgroup">It was born there, and the limits are set.</param>
/// <param name="MovesItself">It moves itself, when the folders are there.</param>
/// <param name="Owner">The user who is to own the cgroup; null for the runtime's.</param>
/// <param name="Scope">The scope that systemd is to make; null for none.</param>
internal readonly record struct CgroupSteps(bool IsInCgroup, bool MovesItself, uint? Owner, SystemdScope? Scope)
{
    /// <summary>Makes the cgroup and sets its limits.</summary>
    /// <param name="cgroup">Where it is.</param>
    /// <param name="linux">The limits.</param>
    /// <param name="pid">The process; 0 where it moves itself.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="ContainerException">A limit is impossible, or systemd refused.</exception>
    public void Make(Cgroup cgroup, LinuxSpec linux, int pid)
    {
        Scope?.Start(pid, CgroupPlan.SettingsOf(linux.Resources, cgroup.BestEffort));
        cgroup.Create(Scope is null ? 0 : pid);
        RootlessCaller.Apply(cgroup, linux.Resources);
        if (Owner is { } uid)
            cgroup.Delegate(uid);
        if (!MovesItself)
            cgroup.Join(pid);
    }
}
