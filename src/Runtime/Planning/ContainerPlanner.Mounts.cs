using Rundlet.Init;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    private PlanSlot? _writableDev; // of a /dev that becomes read-only once the nodes are in it

    private void PlanMounts()
    {
        _mounts.UseLabel(_linux.MountLabel);
        foreach (Mount mount in _spec.Mounts ?? [])
        {
            MountOptions options = MountOptions.Parse(mount.Options);
            bool isNew = !options.Remount && !MountPlanner.IsBind(mount, options);
            if (isNew && mount.Type is "cgroup" or "cgroup2")
                PlanCgroupMount(mount, options);
            else if (isNew && IsDev(mount) && ((options.Set | options.RecursiveSet) & MOUNT_ATTR.RDONLY) != 0)
                _writableDev = _mounts.FileSystem(mount, options, staysWritable: true);
            else
                _mounts.Add(mount, options);
        }
    }

    private static bool IsDev(Mount mount) => MountPlanner.Normal(mount.Destination) == "/dev";

    private PlanSlot Create(Mount mount, string type, MountOptions options) => _mounts.Create(mount, type, options);

    private void SetAttributes(PlanSentence sentence, PlanArg mount, ulong set, ulong clear, ulong propagation, bool recursive) =>
        _mounts.SetAttributes(sentence, mount, set, clear, propagation, recursive);

    private PlanSlot Target(PlanSentence sentence, PlanArg root, string path, bool folder, uint mode, ulong resolve = 0, Tolerated? tolerated = null) =>
        _mounts.Target(sentence, root, path, folder, mode, resolve, tolerated);

    private void Close(PlanSlot slot) => _mounts.Close(slot);

    private void Move(PlanSentence sentence, PlanArg mount, PlanArg target) => _mounts.Move(sentence, mount, target);
}
