using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class MountPlanner
{
    /// <summary>Plans a new file system on its destination.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="options">Its options.</param>
    /// <param name="staysWritable">Whether it is made writable in any case, and the slot stays open for more.</param>
    /// <returns>The mount's slot, closed unless <paramref name="staysWritable"/>.</returns>
    /// <exception cref="ContainerException">The mount has no type, or an option that its type cannot have.</exception>
    public PlanSlot FileSystem(Mount mount, MountOptions options, bool staysWritable)
    {
        string type = mount.Type is { Length: > 0 } given ? given : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"mounts: the mount on '{mount.Destination}' has no type");
        if (options.CopyUp && type != "tmpfs")
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"mounts: 'tmpcopyup' on '{mount.Destination}' is for a tmpfs, not for '{type}'");
        if (_userNamespace && FindsIdMap(mount, options))
            throw Invalid(mount, "cannot be id-mapped: in a container with a user namespace only bind mounts can");
        bool fills = options.CopyUp && ((options.Set | options.RecursiveSet) & MOUNT_ATTR.RDONLY) != 0;
        PlanSlot made = Create(mount, type, options, writable: staysWritable || fills);
        if (type == "tmpfs")
            TakeOver(mount, options, made);
        if (FindIdMap(mount, options) is { } map)
            PlanIdMap(made, map, $"{type} for '{mount.Destination}'");
        if (_label is not null && type == "mqueue")
            LabelFolder(made, $"mqueue for '{mount.Destination}'");
        if (fills && !staysWritable)
            SetAttributes($"make '{mount.Destination}' read-only", made, MOUNT_ATTR.RDONLY, 0, 0, recursive: false);
        // /proc and /sys may not be links: masks, labels and sysctls would land elsewhere (CVE-2019-19921, CVE-2023-28642).
        ulong resolve = type is "proc" or "sysfs" ? RESOLVE.NO_SYMLINKS : 0;
        PlanSlot target = Target($"make the mount point '{mount.Destination}'", _root, mount.Destination, folder: true, FolderMode, resolve);
        Move($"mount {type} on '{mount.Destination}'", made, target);
        Close(target);
        if (!staysWritable)
            Close(made);
        return made;
    }

    /// <summary>Ops that make a new, detached mount of a file system; the slot holds its fd.</summary>
    public PlanSlot Create(Mount mount, string type, MountOptions options, bool writable = false)
    {
        if (NeedsOneCall(options))
            return CreateInOneCall(mount, type, options, writable);
        string what = $"{type} for '{mount.Destination}'";
        PlanSlot context = _plan.Slot();
        PlanSlot made = _plan.Slot();
        ulong attributes = options.Set | options.RecursiveSet;
        if (writable)
            attributes &= ~MOUNT_ATTR.RDONLY;
        // What a user namespace may not mount is bound from the host, which shows what the host's user may see.
        string? host = !_userNamespace || IsLive ? null : type switch { "sysfs" => "/sys", "mqueue" => "/dev/mqueue", _ => null };
        PlanLabel bind = host is null ? default : _plan.Label();
        Tolerated? denied = host is null ? null : new Tolerated(Errno.EPERM, bind);
        _plan.Add($"open {what}", OpCode.SystemCall, context, SYS.fsopen, denied, null, [_plan.Text(type), MOUNT.FSOPEN_CLOEXEC]);
        if (mount.Source is { Length: > 0 } source)
            _plan.Call($"set the source of {what}", null, new Tolerated(Errno.EINVAL), SYS.fsconfig, context, MOUNT.FSCONFIG_SET_STRING, _plan.Text("source"), _plan.Text(source), 0);
        if ((attributes & MOUNT_ATTR.RDONLY) != 0 && NeedsReadOnlySuperblock(type))
            Configure(context, what, "ro"); // a device that cannot be written is refused without
        foreach (string option in options.Data)
            Configure(context, what, option);
        foreach (string hint in options.Hints)
            Configure(context, what, hint, new Tolerated(Errno.EINVAL));
        if (_label is not null && TakesContext(type))
            Configure(context, what, $"context={_label}");
        _plan.Add($"create {what}", OpCode.SystemCall, null, SYS.fsconfig, denied, null, [context, MOUNT.FSCONFIG_CMD_CREATE, 0, 0, 0]);
        _plan.Add($"mount {what}", OpCode.SystemCall, made, SYS.fsmount, denied, null, [context, MOUNT.FSMOUNT_CLOEXEC, (long)attributes]);
        Close(context);
        if (host is not null)
            BindInstead(host, bind, made, attributes, what);
        if (options.Propagation != 0)
            SetAttributes($"set the propagation of {what}", made, 0, 0, options.Propagation, options.PropagationRecursive);
        return made;
    }

    private void BindInstead(string host, PlanLabel bind, PlanSlot made, ulong attributes, string what)
    {
        PlanLabel done = _plan.Label();
        _plan.Jump(done);
        _plan.Place(bind);
        _plan.Call($"bind the host's '{host}' in place of {what}", made, SYS.open_tree, Sys.AT_FDCWD, _plan.Text(host), (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC) | AT.RECURSIVE);
        SetAttributes($"set the attributes of {what}", made, attributes, 0, MS.PRIVATE, recursive: true);
        _plan.Place(done);
    }

    private void Configure(PlanSlot context, string what, string option, Tolerated? tolerated = null)
    {
        int equals = option.IndexOf('=');
        PlanSentence sentence = $"set '{option}' of {what}";
        // devpts of today has an instance of its own always, and takes the old word as a flag without value.
        ReadOnlySpan<PlanArg> arguments = equals < 0
            ? [context, MOUNT.FSCONFIG_SET_FLAG, _plan.Text(option), 0, 0]
            : [context, MOUNT.FSCONFIG_SET_STRING, _plan.Text(option[..equals]), _plan.Text(option[(equals + 1)..]), 0];
        _plan.Add(sentence, OpCode.SystemCall, null, SYS.fsconfig, tolerated, null, arguments);
    }

    // A tmpfs over a folder has that folder's mode unless its options say another, as with runc and crun: /tmp stays
    // open to all, /root stays closed. With "tmpcopyup" it starts with a copy of what the folder holds.
    private void TakeOver(Mount mount, MountOptions options, PlanSlot made)
    {
        bool hasMode = options.ValueOf("mode") is not null;
        if (hasMode && !options.CopyUp)
            return;
        PlanLabel none = _plan.Label();
        PlanSlot covered = OpenExisting($"look at '{mount.Destination}'", mount.Destination, O.DIRECTORY, new Tolerated(Errno.ENOENT, none), new Tolerated(Errno.ENOTDIR, none));
        if (options.CopyUp)
            _plan.Add($"copy '{mount.Destination}' into the tmpfs that covers it", OpCode.CopyTree, null, 0, null, null, [covered, made, hasMode ? 0 : 1]);
        else
            _plan.Add($"give the tmpfs on '{mount.Destination}' the mode of what it covers", OpCode.CopyMode, null, 0, null, null, [covered, made]);
        Close(covered);
        _plan.Place(none);
    }

    private static bool NeedsReadOnlySuperblock(string type) => type is not ("proc" or "sysfs" or "tmpfs" or "devpts" or "mqueue" or "cgroup" or "cgroup2");
}
