using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

// Id-mapped mounts, mount_setattr(2): the kernel takes the mapping from a user namespace. Where the spec names one, a
// namespace of its own is made for it, shared by all mounts that have the same.

internal sealed partial class MountPlanner
{
    private readonly List<(string Mapping, OwnedFd Namespace)> _idMaps = [];

    /// <summary>Makes a user namespace for a mapping; see <see cref="IdMapNamespace.Make"/>.</summary>
    public Func<List<IdMapping>, List<IdMapping>, OwnedFd> MakeIdMap { get; init; } = IdMapNamespace.Make;

    private static bool FindsIdMap(Mount mount, MountOptions options) => options.IdMap || mount.UidMappings is { Count: > 0 } || mount.GidMappings is { Count: > 0 };

    /// <summary>The user namespace whose mapping a mount gets; null for a mount without.</summary>
    /// <exception cref="ContainerException">The spec asks for a mapping and gives none.</exception>
    private OwnedFd? FindIdMap(Mount mount, MountOptions options)
    {
        if (!FindsIdMap(mount, options))
            return null;
        (List<IdMapping>? uids, List<IdMapping>? gids) = Mappings(mount, options);
        if (uids is { Count: > 0 } != gids is { Count: > 0 })
            throw Invalid(mount, "needs mappings of users and of groups together");
        try
        {
            if (uids is { Count: > 0 })
                return NamespaceFor(uids, gids!);
            foreach (Namespace item in _linux.Namespaces ?? [])
            {
                if (item.Type == "user" && item.Path is { Length: > 0 } path)
                    return Hold(FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY));
                if (item.Type == "user")
                    return NamespaceFor(_linux.UidMappings ?? [], _linux.GidMappings ?? []);
            }
        }
        catch (LinuxException failed)
        {
            throw new ContainerException(CreateContainer.KindOf(failed.Errno), $"mounts: make the id mapping for '{mount.Destination}'", failed);
        }
        throw Invalid(mount, "has the option 'idmap', but neither mappings of its own nor a user namespace of the container to take them from");
    }

    private (List<IdMapping>? Uids, List<IdMapping>? Gids) Mappings(Mount mount, MountOptions options)
    {
        if (options.IdMapValue is not { } value)
            return (mount.UidMappings, mount.GidMappings);
        if (mount.UidMappings is { Count: > 0 } || mount.GidMappings is { Count: > 0 })
            throw Invalid(mount, "has mappings as members and in its options: one has to go");
        try
        {
            return IdMapOption.Parse(value, _linux);
        }
        catch (ContainerException wrong)
        {
            throw new ContainerException(wrong.Kind, $"mounts: the mount on '{mount.Destination}'", wrong);
        }
    }

    private OwnedFd NamespaceFor(List<IdMapping> uids, List<IdMapping> gids)
    {
        string mapping = $"{IdMaps.TextOf(uids)}\n{IdMaps.TextOf(gids)}";
        foreach ((string known, OwnedFd fd) in _idMaps)
        {
            if (known == mapping)
                return fd;
        }
        OwnedFd made = MakeIdMap(uids, gids);
        _idMaps.Add((mapping, made));
        return made;
    }

    // The kernel wants the mapper to be mighty over the file system and over the mapping both, and the child is over its own
    // user namespace only: new file systems are mapped where there is none.

    // Before the tree is in use, and by the parent: it has to be mighty over the file system, which the container is not.
    private static void MapIds(OwnedFd tree, OwnedFd map, Mount mount, bool recursive)
    {
        mount_attr attributes = new() { attr_set = MOUNT_ATTR.IDMAP, userns_fd = (ulong)map.Value };
        int answer = Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0)), attributes);
        if (answer >= 0)
            return;
        LinuxException failed = new(Sys.ErrorOf(answer), "the kernel says");
        throw new ContainerException(CreateContainer.KindOf(failed.Errno), $"mounts: map the ids of '{mount.Source}' on '{mount.Destination}', a file system of type '{TypeOf(tree)}'", failed)
        {
            Hint = failed.Errno == Errno.EINVAL ? "this kernel cannot map the ids of that file system, or it is mapped already" : null,
        };
    }

    private void PlanIdMap(PlanSlot made, OwnedFd map, string what)
    {
        mount_attr attributes = new() { attr_set = MOUNT_ATTR.IDMAP, userns_fd = (ulong)map.Value };
        _plan.Call($"map the ids of {what}", SYS.mount_setattr, made, _empty, (long)AT.EMPTY_PATH, _plan.Struct(attributes), SizeOfMountAttr);
    }

    private static string TypeOf(OwnedFd tree)
    {
        if (Sys.statx(tree.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t file) == 0)
        {
            foreach (MountEntry entry in MountInfo.Read())
            {
                if (entry.Major == file.stx_dev_major && entry.Minor == file.stx_dev_minor)
                    return entry.Type;
            }
        }
        return "unknown";
    }

    private static ContainerException Invalid(Mount mount, string what) => new(ContainerErrorKind.InvalidArgument, $"mounts: the mount on '{mount.Destination}' {what}");
}
