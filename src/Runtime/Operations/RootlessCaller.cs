using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>What is different for a caller who is not the host's root: a container has to do with the cgroups that it can get.</summary>
public static class RootlessCaller
{
    private const ulong FirstUserNamespace = 0xEFFFFFFD; // PROC_USER_INIT_INO of linux/proc_ns.h

    /// <summary>
    /// As with runc's <c>--rootless</c>: what was asked for, else whether the caller is not root, or root in a user namespace only.
    /// </summary>
    internal static bool MayLackCgroups(bool? asked) => asked ?? (Sys.geteuid() != 0 || IsInUserNamespace());

    /// <summary>Writes the limits of a new cgroup. One that asks for a cgroup which the caller could not make is refused, not left out.</summary>
    /// <exception cref="ContainerException">As <see cref="Cgroup.Apply"/>.</exception>
    internal static void Apply(Cgroup cgroup, Resources? resources)
    {
        try
        {
            cgroup.Apply(CgroupPlan.SettingsOf(resources, cgroup.BestEffort));
        }
        catch (ContainerException missing) when (cgroup.IsPartial && missing.Kind == ContainerErrorKind.Unsupported)
        {
            throw new ContainerException(ContainerErrorKind.PermissionDenied, $"linux.resources needs a cgroup that user {Sys.geteuid()} may not make", missing)
            {
                Hint = "run in a cgroup that is delegated to the user, or leave the limit out",
            };
        }
    }

    /// <summary>Whether root is root in a user namespace only, as podman's is for a user.</summary>
    public static bool IsInUserNamespace() =>
        Sys.statx(Sys.AT_FDCWD, "/proc/self/ns/user", 0, STATX.INO, out statx_t file) == 0 && file.stx_ino != FirstUserNamespace;
}
