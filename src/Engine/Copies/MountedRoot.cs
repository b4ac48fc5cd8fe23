using System.Runtime.ExceptionServices;
using Rundlet.Engine.Images;
using Rundlet.Engine.State;
using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Copies;

/// <summary>
/// The files of a container that does not run, with what is bound in it, in a mount namespace of a thread of their own: nobody else sees
/// these mounts, and when the thread or the process ends, they are gone.
/// </summary>
internal static class MountedRoot
{
    private const int StackBytes = 1 << 20;

    /// <summary>Mounts it and does the work with its root, in the thread that has it.</summary>
    /// <param name="engine">The engine; only its paths are used.</param>
    /// <param name="record">The container, claimed.</param>
    /// <param name="spec">Its spec.</param>
    /// <param name="work">Gets the root, <c>O_PATH</c>.</param>
    /// <exception cref="ContainerException">NotFound: what was to be bound is not there; Unsupported: the kernel cannot map ids; or the work's own.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Use(ContainerEngine engine, ContainerRecord record, Spec spec, Action<OwnedFd> work)
    {
        OverlayConfig? overlay = ContainerFiles.OverlayOf(engine, record);
        string folder = engine.Paths.Container(record.Id), place = $"{folder}/rootfs";
        // Its layers, volumes and binds are to be seen with its ids, as it sees them itself.
        using OwnedFd? users = spec.Linux?.UidMappings is { Count: > 0 } ? SupervisorLaunch.OpenUsers(engine.SupervisorProgram, folder, engine.Paths.Live(record.Id)) : null;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    using OwnedFd root = Mount(overlay, place, spec, users);
                    work(root);
                }
                catch (Exception error) // carried to the caller below
                {
                    failure = ExceptionDispatchInfo.Capture(error);
                }
            },
            StackBytes)
        { Name = "copy" };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Whether a mount shows files of the host: a bind or a volume.</summary>
    public static bool IsBind(Mount mount) => mount.Type == "bind" || mount.Options?.Exists(option => option is "bind" or "rbind") == true;

    private static OwnedFd Mount(OverlayConfig? overlay, string place, Spec spec, OwnedFd? users)
    {
        // A namespace and a working folder for this thread alone.
        LinuxException.ThrowIfError(Sys.unshare(CLONE.NEWNS), "unshare", "mounts");
        LinuxException.ThrowIfError(Sys.mount("none", "/", default, MS.REC | MS.PRIVATE, default), "make private", "/");
        OwnedFd root = overlay is null
            ? OwnedFd.FromAnswer(Sys.open_tree(Sys.AT_FDCWD, place, MOUNT.OPEN_TREE_CLONE), "open_tree", place)
            : new OverlayMount
            {
                Lower = overlay.Lower,
                Upper = overlay.Upper,
                Work = overlay.Work,
                Options = [.. overlay.Options.Where(option => option != "volatile")], // the kernel would refuse the next mount
                IdMap = users,
            }.Open();
        try
        {
            Attach(root, Sys.AT_FDCWD, place, MOUNT.MOVE_MOUNT_F_EMPTY_PATH);
            foreach (Mount mount in spec.Mounts ?? [])
            {
                // A source that is no path is an image, which its supervisor mounts.
                if (IsBind(mount) && mount.Destination != "/dev/shm" && mount.Source?.StartsWith('/') == true)
                    Bind(root, mount, users);
            }
            if (spec.Root?.Readonly == true)
                MakeReadOnly(root, 0, place);
            return root;
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    private static void Bind(OwnedFd root, Mount mount, OwnedFd? users)
    {
        string source = mount.Source ?? "";
        bool isRecursive = mount.Options?.Contains("rbind") == true, isDeep = mount.Options?.Contains("rro") == true;
        int answer = Sys.open_tree(Sys.AT_FDCWD, source, MOUNT.OPEN_TREE_CLONE | (isRecursive ? (uint)AT.RECURSIVE : 0));
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"bind source '{source}' does not exist") { Hint = "the container could not start without it either" };
        using OwnedFd tree = OwnedFd.FromAnswer(answer, "open_tree", source);
        if (isDeep || mount.Options?.Contains("ro") == true)
            MakeReadOnly(tree, isDeep ? AT.RECURSIVE : 0, source);
        if (users is not null && mount.Options?.Find(option => option is "idmap" or "ridmap") is { } map)
        {
            mount_attr attributes = new() { attr_set = MOUNT_ATTR.IDMAP, userns_fd = (ulong)users.Value };
            LinuxException.ThrowIfError(Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | (map == "ridmap" ? AT.RECURSIVE : 0)), attributes), "map the ids of", source);
        }
        using OwnedFd target = OpenTarget(root, mount.Destination, IsFolder(tree));
        Attach(tree, target.Value, "", MOUNT.MOVE_MOUNT_F_EMPTY_PATH | MOUNT.MOVE_MOUNT_T_EMPTY_PATH);
    }

    /// <summary>The place that something is mounted on, made as a start would make it.</summary>
    private static OwnedFd OpenTarget(OwnedFd root, string destination, bool isFolder)
    {
        var container = new FileRoot(root.Value, "the container") { IsForeign = true };
        int slash = destination.LastIndexOf('/');
        var scope = new CopyScope(root.Value, container.Whose) { Root = root.Value };
        using OwnedFd parent = scope.Ensure(isFolder ? destination : destination[..slash]);
        if (isFolder)
            return FileIo.Open(parent.Value, ".", O.PATH | O.DIRECTORY);
        using FilePlace place = FilePlace.Find(container, destination, follow: true);
        if (!place.Exists)
            OwnedFd.FromAnswer(Sys.openat(place.Folder, place.Name, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, 0x1a4 /* 0644 */), "create", destination).Dispose();
        return OwnedFd.FromAnswer(Sys.openat(place.Folder, place.Name, O.PATH | O.NOFOLLOW), "open", destination);
    }

    private static bool IsFolder(OwnedFd tree)
    {
        LinuxException.ThrowIfError(Sys.statx(tree.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t stat), "stat", "mount");
        return (stat.stx_mode & S.IFMT) == S.IFDIR;
    }

    private static void MakeReadOnly(OwnedFd tree, int flags, string subject)
    {
        mount_attr attributes = new() { attr_set = MOUNT_ATTR.RDONLY };
        LinuxException.ThrowIfError(Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | flags), attributes), "make read-only", subject);
    }

    private static void Attach(OwnedFd tree, int folder, string path, uint flags) =>
        LinuxException.ThrowIfError(Sys.move_mount(tree.Value, "", folder, path, flags), "move_mount", path);
}
