using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    private void PlanMounts()
    {
        foreach (Mount mount in _spec.Mounts ?? [])
        {
            MountOptions options = MountOptions.Parse(mount.Options);
            if (options.Bind || mount.Type == "bind")
                PlanBind(mount, options);
            else if (mount.Type is "cgroup" or "cgroup2")
                PlanCgroupMount(mount, options);
            else
                PlanFileSystem(mount, options);
        }
    }

    // A bind source is opened by the parent: its own folders may be unreadable for the container's user.
    private void PlanBind(Mount mount, MountOptions options)
    {
        if (mount.Source is not { Length: > 0 } source)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"mounts: the bind mount on '{mount.Destination}' has no source");
        string path = source[0] == '/' ? source : $"{_inputs.Bundle}/{source}";
        if (Sys.geteuid() != 0)
        {
            PlanBindInChild(mount, options, path);
            return;
        }
        uint clone = MOUNT.OPEN_TREE_CLONE | (options.BindRecursive ? (uint)AT.RECURSIVE : 0);
        int answer = Sys.open_tree(Sys.AT_FDCWD, path, clone);
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"mount '{source}' on '{mount.Destination}': no such file or directory") { Hint = $"create '{source}' first" };
        OwnedFd tree = Hold(OwnedFd.FromAnswer(answer, "bind", source));
        SetBindAttributes(tree, options, mount.Destination);
        LinuxException.ThrowIfError(Sys.statx(tree.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t file), "stat", source);
        bool folder = (file.stx_mode & S.IFMT) == S.IFDIR;
        PlanSlot target = Target($"make the mount point '{mount.Destination}'", _root, mount.Destination, folder, folder ? 0x1EDu : 0x1EDu);
        Move($"bind '{source}' on '{mount.Destination}'", tree.Value, target);
        Close(target);
    }

    private static void SetBindAttributes(OwnedFd tree, MountOptions options, string destination)
    {
        // A bind that says nothing about propagation is private: what the container mounts is the container's.
        ulong propagation = options.Propagation == 0 ? MS.PRIVATE : options.Propagation;
        bool recursive = options.Propagation == 0 || options.PropagationRecursive;
        mount_attr spread = new() { propagation = propagation };
        // A tree of a shared mount must be made a slave or private first, or it stays the host's peer.
        LinuxException.ThrowIfError(Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0)), spread), "set the propagation of", destination);
        Apply(tree, options.Set, options.Clear, 0, destination);
        Apply(tree, options.RecursiveSet, options.RecursiveClear, AT.RECURSIVE, destination);

        static void Apply(OwnedFd tree, ulong set, ulong clear, int recursive, string destination)
        {
            if (set == 0 && clear == 0)
                return;
            mount_attr attributes = new() { attr_set = set, attr_clr = clear };
            LinuxException.ThrowIfError(Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | recursive), attributes), "set the attributes of", destination);
        }
    }

    private void PlanFileSystem(Mount mount, MountOptions options)
    {
        string type = mount.Type is { Length: > 0 } given ? given : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"mounts: the mount on '{mount.Destination}' has no type");
        if (options.CopyUp)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"mounts: 'tmpcopyup' on '{mount.Destination}' is not supported by this version");
        PlanSlot made = Create(mount, type, options);
        // /proc and /sys may not be links: masks, labels and sysctls would land elsewhere (CVE-2019-19921, CVE-2023-28642).
        ulong resolve = type is "proc" or "sysfs" ? RESOLVE.NO_SYMLINKS : 0;
        PlanSlot target = Target($"make the mount point '{mount.Destination}'", _root, mount.Destination, folder: true, 0x1ED, resolve);
        Move($"mount {type} on '{mount.Destination}'", made, target);
        Close(target);
        if (IsDev(mount) && (options.Set & MOUNT_ATTR.RDONLY) != 0)
            _readOnlyDev = made; // only once the nodes are in it
        else
            Close(made);
    }

    private PlanSlot? _readOnlyDev;

    private static bool IsDev(Mount mount) => mount.Destination.TrimEnd('/') == "/dev";

    /// <summary>Ops that make a new, detached mount of a file system; the slot holds its fd.</summary>
    private PlanSlot Create(Mount mount, string type, MountOptions options)
    {
        string what = $"{type} for '{mount.Destination}'";
        PlanSlot context = _plan.Slot();
        PlanSlot made = _plan.Slot();
        _plan.Call($"open {what}", context, SYS.fsopen, _plan.Text(type), MOUNT.FSOPEN_CLOEXEC);
        if (mount.Source is { Length: > 0 } source)
            _plan.Call($"set the source of {what}", null, new Tolerated(Errno.EINVAL), SYS.fsconfig, context, MOUNT.FSCONFIG_SET_STRING, _plan.Text("source"), _plan.Text(source), 0);
        foreach (string option in options.Data)
            Configure(context, what, option);
        _plan.Call($"create {what}", SYS.fsconfig, context, MOUNT.FSCONFIG_CMD_CREATE, 0, 0, 0);
        ulong attributes = options.Set | options.RecursiveSet;
        if (IsDev(mount))
            attributes &= ~MOUNT_ATTR.RDONLY;
        _plan.Call($"mount {what}", made, SYS.fsmount, context, MOUNT.FSMOUNT_CLOEXEC, (long)attributes);
        Close(context);
        if (options.Propagation != 0)
            SetAttributes($"set the propagation of {what}", made, 0, 0, options.Propagation, options.PropagationRecursive);
        return made;
    }

    private void Configure(PlanSlot context, string what, string option)
    {
        int equals = option.IndexOf('=');
        string sentence = $"set '{option}' of {what}";
        if (equals < 0)
        {
            // devpts of today has an instance of its own always, and takes the old word as a flag without value.
            _plan.Call(sentence, SYS.fsconfig, context, MOUNT.FSCONFIG_SET_FLAG, _plan.Text(option), 0, 0);
            return;
        }
        _plan.Call(sentence, SYS.fsconfig, context, MOUNT.FSCONFIG_SET_STRING, _plan.Text(option[..equals]), _plan.Text(option[(equals + 1)..]), 0);
    }
}
