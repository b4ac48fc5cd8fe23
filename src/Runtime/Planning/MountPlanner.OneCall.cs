using System.Text;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

// fsconfig(2) takes each option by itself, with at most 255 bytes. mount(2) takes all of them in one text of a page, in which
// a comma within an option begins another one and quotes hold one together: an overlay of many layers, a label that an engine
// has cut at its commas, "size=64k,mode=700" in one. What needs that is mounted the old way, over the host's /proc in the child's
// own mount namespace, and taken from there as a detached mount like all others.

internal sealed partial class MountPlanner
{
    private const int MaxValue = 255; // bytes: fs/fsopen.c
    private const int MaxData = 4095; // bytes: a page without its NUL, copy_mount_options() of fs/namespace.c

    private static bool NeedsOneCall(MountOptions options)
    {
        foreach (string option in options.Data)
        {
            if (option.AsSpan().ContainsAny(',', '"') || (option.Length > MaxValue / 4 && Encoding.UTF8.GetByteCount(option) > MaxValue))
                return true;
        }
        return false;
    }

    private PlanSlot CreateInOneCall(Mount mount, string type, MountOptions options, bool writable)
    {
        string what = $"{type} for '{mount.Destination}'";
        if (IsLive) // what is on /proc there is the container's affair
            throw new ContainerException(ContainerErrorKind.Unsupported, $"mounts: an option with a comma or a quote, or of more than {MaxValue} bytes, on '{mount.Destination}' is only possible when a container is made");
        ulong attributes = options.Set | options.RecursiveSet;
        if (writable)
            attributes &= ~MOUNT_ATTR.RDONLY;
        ulong flags = (attributes & MOUNT_ATTR.RDONLY) != 0 && NeedsReadOnlySuperblock(type) ? MS.RDONLY : 0;
        string data = DataOf(options, type, ref flags);
        if (Encoding.UTF8.GetByteCount(data) > MaxData)
            throw Invalid(mount, $"has options of more than {MaxData} bytes");
        PlanData stand = _plan.Text("/proc");
        PlanData source = _plan.Text(mount.Source is { Length: > 0 } given ? given : type);
        PlanSlot made = _plan.Slot();
        _plan.Call($"mount {what} with '{data}'", SYS.mount, source, stand, _plan.Text(type), (long)flags, _plan.Text(data));
        _plan.Call($"take {what}", made, SYS.open_tree, Sys.AT_FDCWD, stand, (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC));
        _plan.Call($"uncover the host's /proc after {what}", SYS.umount2, stand, MNT.DETACH);
        SetAttributes($"set the attributes of {what}", made, attributes, MOUNT_ATTR._ATIME, 0, recursive: false);
        if (options.Propagation != 0)
            SetAttributes($"set the propagation of {what}", made, 0, 0, options.Propagation, options.PropagationRecursive);
        return made;
    }

    // The words that mount(2) takes as flags, fsconfig(2) takes among the others.
    private string DataOf(MountOptions options, string type, ref ulong flags)
    {
        StringBuilder data = new();
        foreach (string option in (ReadOnlySpan<string>)[.. options.Data, .. options.Hints])
        {
            (ulong flag, bool known) = option switch
            {
                "sync" => (MS.SYNCHRONOUS, true),
                "dirsync" => (MS.DIRSYNC, true),
                "lazytime" => (MS.LAZYTIME, true),
                "mand" => (MS.MANDLOCK, true),
                "i_version" => (MS.I_VERSION, true),
                "acl" => (MS.POSIXACL, true),
                "async" or "nolazytime" or "nomand" or "noacl" => (0UL, true),
                _ => (0UL, false),
            };
            flags |= flag;
            if (!known)
                data.Append(data.Length > 0 ? "," : "").Append(option);
        }
        if (_label is not null && TakesContext(type))
            data.Append(data.Length > 0 ? "," : "").Append($"context=\"{_label}\"");
        return data.ToString();
    }
}
