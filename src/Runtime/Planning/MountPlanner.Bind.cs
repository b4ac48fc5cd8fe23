using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class MountPlanner
{
    // The source is opened by the parent: its folders may be closed to the container's user.
    private void Bind(Mount mount, MountOptions options)
    {
        if (mount.Source is not { Length: > 0 } source)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"mounts: the bind mount on '{mount.Destination}' has no source");
        RefuseForeignWords(mount, options);
        if (DetachedSources is not null && DetachedSources.TryGetValue(mount.Destination, out OwnedFd? detached))
        {
            AttachTree(detached, mount, options, source);
            return;
        }
        string path = source[0] == '/' ? source : $"{_bundle}/{source}";
        uint clone = MOUNT.OPEN_TREE_CLONE | (options.BindRecursive ? (uint)AT.RECURSIVE : 0);
        int answer = Sys.open_tree(Sys.AT_FDCWD, path, clone);
        if (Sys.Is(answer, Errno.EPERM) && !IsLive && !CanMount())
        {
            BindInChild(mount, options, source, path);
            return;
        }
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"mount '{source}' on '{mount.Destination}': no such file or directory") { Hint = $"create '{source}' first" };
        AttachTree(Hold(OwnedFd.FromAnswer(answer, "bind", source)), mount, options, source);
    }

    private void AttachTree(OwnedFd tree, Mount mount, MountOptions options, string source)
    {
        if (FindIdMap(mount, options) is { } map)
            MapIds(tree, map, mount, options.IdMapRecursive);
        SetBindAttributes(tree, options, mount.Destination);
        LinuxException.ThrowIfError(Sys.statx(tree.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t file), "stat", source);
        Attach(tree.Value, file, source, mount.Destination);
    }

    private void Attach(PlanArg tree, in statx_t file, string source, string destination)
    {
        bool folder = (file.stx_mode & S.IFMT) == S.IFDIR;
        PlanSlot target = Target($"make the mount point '{destination}'", _root, destination, folder, FolderMode);
        Move($"bind '{source}' on '{destination}'", tree, target);
        Close(target);
    }

    private static bool CanMount() => (CapabilityTable.Permitted() >> (int)CAP.SYS_ADMIN & 1) != 0;

    // Without root nobody but the child may bind, who is root of its own namespaces; it has the caller's rights over files.
    private void BindInChild(Mount mount, MountOptions options, string source, string path)
    {
        if (FindsIdMap(mount, options))
            throw Invalid(mount, "cannot be id-mapped without root");
        int answer = Sys.statx(Sys.AT_FDCWD, path, 0, STATX.TYPE, out statx_t file);
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"mount '{source}' on '{mount.Destination}': no such file or directory") { Hint = $"create '{source}' first" };
        LinuxException.ThrowIfError(answer, "stat", source);
        PlanSlot tree = _plan.Slot();
        _plan.Call($"open '{source}' for '{mount.Destination}'", tree, SYS.open_tree, Sys.AT_FDCWD, _plan.Text(path),
            (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC) | (options.BindRecursive ? AT.RECURSIVE : 0));
        string sentence = $"set the attributes of '{mount.Destination}'";
        // All is a slave of the host's already.
        SetAttributes(sentence, tree, 0, 0, options.Propagation == 0 ? MS.PRIVATE : options.Propagation, options.Propagation == 0 || options.PropagationRecursive);
        if ((options.Set | options.Clear) != 0)
            SetAttributes(sentence, tree, options.Set, options.Clear, 0, recursive: false);
        if ((options.RecursiveSet | options.RecursiveClear) != 0)
            SetAttributes(sentence, tree, options.RecursiveSet, options.RecursiveClear, 0, recursive: true);
        Attach(tree, file, source, mount.Destination);
        Close(tree);
    }

    // A bind that says nothing about propagation is private: what the container mounts is the container's. With any other word
    // the tree first becomes a slave with all that is beneath, as all of it is the host's peer still: nothing of the container's
    // may reach the host, unless the container's root is shared too, as engines ask where it should.
    private void SetBindAttributes(OwnedFd tree, MountOptions options, string destination)
    {
        ulong wanted = options.Propagation == 0 ? MS.PRIVATE : options.Propagation;
        bool recursive = options.Propagation == 0 || options.PropagationRecursive;
        if (!(recursive && wanted is MS.PRIVATE or MS.SLAVE) && !(wanted == MS.SHARED && _linux.RootfsPropagation is "shared" or "rshared"))
            Change(tree, new mount_attr { propagation = MS.SLAVE }, recursive: true, "set the propagation of", destination);
        Change(tree, new mount_attr { propagation = wanted }, recursive, "set the propagation of", destination);
        if ((options.Set | options.Clear) != 0)
            Change(tree, new mount_attr { attr_set = options.Set, attr_clr = options.Clear }, false, "set the attributes of", destination);
        if ((options.RecursiveSet | options.RecursiveClear) != 0)
            Change(tree, new mount_attr { attr_set = options.RecursiveSet, attr_clr = options.RecursiveClear }, true, "set the attributes of", destination);
    }

    private static void Change(OwnedFd tree, in mount_attr attributes, bool recursive, string operation, string destination) =>
        LinuxException.ThrowIfError(Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0)), attributes), operation, destination);

    // mount(2) takes no data with a bind, so that unknown words pass. These words of crun's change what is bound.
    private static void RefuseForeignWords(Mount mount, MountOptions options)
    {
        foreach (string word in options.Data)
        {
            if (word is "copy-symlink" or "src-nofollow" or "dest-nofollow")
                throw new ContainerException(ContainerErrorKind.Unsupported, $"mounts: the option '{word}' on '{mount.Destination}' is not supported");
        }
    }
}
