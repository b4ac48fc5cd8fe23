using Rundlet.Init;
using Rundlet.Linux.Labels;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

// linux.mountLabel: where SELinux is on, the files of a new file system have this label from the start ("context=").
// Where it is off the member has no effect, as with runc and crun: engines set it without asking.

internal sealed partial class MountPlanner
{
    private string? _label;

    /// <summary>Gives the file systems that are made from here on a label, if SELinux is there to read it.</summary>
    public void UseLabel(string? label) => _label = label is { Length: > 0 } && SelinuxHost.IsOn ? label : null;

    // These have files that are labelled one by one, by the policy: the kernel refuses a label for all.
    private static bool TakesContext(string type) => type is not ("proc" or "sysfs" or "mqueue" or "cgroup" or "cgroup2");

    // A message queue file system takes no label for all, and its files take that of their folder.
    private void LabelFolder(PlanSlot mount, string what)
    {
        PlanSlot folder = _plan.Slot();
        _plan.Call($"open {what}", folder, SYS.openat, mount, _plan.Text("."), O.RDONLY | O.DIRECTORY | O.CLOEXEC);
        _plan.Call($"label {what} with '{_label}'", SYS.fsetxattr, folder, _plan.Text("security.selinux"), _plan.Text(_label!), System.Text.Encoding.UTF8.GetByteCount(_label!), 0);
        Close(folder);
    }
}
