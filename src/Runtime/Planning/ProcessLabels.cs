using Rundlet.Linux;
using Rundlet.Linux.Labels;
using Rundlet.Linux.Proc;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>What a process asks of AppArmor and SELinux, looked at before anything is made.</summary>
internal static class ProcessLabels
{
    /// <summary>The profile that stands for none.</summary>
    public const string Unconfined = "unconfined";

    /// <summary>
    /// The caller's procfs, through which the child sets its labels while it still is on the host: what a container does to its own
    /// <c>/proc</c> cannot redirect them (CVE-2019-16884, CVE-2025-52881), and a masked one is no hindrance.
    /// </summary>
    /// <returns>Null where no label is asked for.</returns>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unsupported"/>: this kernel does not run the module that a label is for.</exception>
    public static VerifiedProcfs? Open(Process process)
    {
        bool profile = process.ApparmorProfile is { Length: > 0 };
        bool label = process.SelinuxLabel is { Length: > 0 };
        if (!profile && !label)
            return null;
        if (profile && process.ApparmorProfile != Unconfined && !SecurityModules.HasAppArmor)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"process.apparmorProfile '{process.ApparmorProfile}': AppArmor is not enabled on this host")
            {
                Hint = "leave the profile out, or boot with apparmor=1 security=apparmor",
            };
        }
        if (label && !SecurityModules.HasSelinux)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"process.selinuxLabel '{process.SelinuxLabel}': SELinux is not enabled on this host")
            {
                Hint = "leave the label out, or boot with selinux=1 security=selinux",
            };
        }
        return VerifiedProcfs.FromFolder("/proc");
    }
}
