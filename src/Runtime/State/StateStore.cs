using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.State;

/// <summary>
/// The state folder of <c>runcs</c>: one folder a container, mode 0700, on a tmpfs as a rule.
///
///   ROOT/ID/config.json   the spec as it was at create, byte for byte
///   ROOT/ID/state.json    <see cref="SavedState"/>
///   ROOT/ID/exec.fifo     there from create to start: a byte on it starts the container
///   ROOT/ID/result.fifo   what came of the start
///
/// Whoever changes a container holds a flock(2) on its folder; a command that was killed lets go of it.
/// </summary>
public sealed class StateStore
{
    private readonly string _root;

    /// <summary>Uses a root folder, which is made when the first container is.</summary>
    public StateStore(string root) => _root = root;

    /// <summary>The folder of all of them.</summary>
    internal string Root => _root;

    /// <summary>Makes the folder of a new container and locks it.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.AlreadyExists"/> or <see cref="ContainerErrorKind.InvalidArgument"/>.</exception>
    public ContainerFolder Create(string id)
    {
        ContainerId.Validate(id);
        using OwnedFd root = OpenRoot();
        while (true)
        {
            int answer = Sys.mkdirat(root.Value, id, 0x1C0 /* 0700 */);
            if (!Sys.Is(answer, Errno.EEXIST))
                LinuxException.ThrowIfError(answer, "mkdir", $"{_root}/{id}");
            if (TryClaim(root, id, made: answer == 0) is { } folder)
                return folder;
        }
    }

    // The lock decides and not mkdir(2): between the two another create may take the folder for one that a killed
    // create left, which is a folder with no state and no lock. Null: a delete was faster, and the folder is gone.
    private static ContainerFolder? TryClaim(OwnedFd root, string id, bool made)
    {
        ContainerFolder folder;
        try
        {
            folder = ContainerFolder.Open(root, id);
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            return null;
        }
        bool locked = made || folder.TryLock();
        if (made)
            folder.Lock(); // waits: who only looks holds the lock for a moment too
        if (locked && folder.Exists && !folder.HasState)
            return folder;
        bool taken = !locked || folder.HasState;
        folder.Dispose();
        return taken
            ? throw new ContainerException(ContainerErrorKind.AlreadyExists, $"container with given ID already exists: '{id}'") { Hint = $"choose another id, or remove it: delete {id}" }
            : null;
    }

    /// <summary>Opens the folder of a container and locks it.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.NotFound"/> or <see cref="ContainerErrorKind.InvalidArgument"/>.</exception>
    public ContainerFolder Open(string id)
    {
        ContainerFolder folder = OpenUnlocked(id);
        folder.Lock();
        if (folder.Exists)
            return folder;
        folder.Dispose();
        throw NotFound(id);
    }

    /// <summary>Opens the folder of a container only to look.</summary>
    /// <exception cref="ContainerException">As <see cref="Open"/>.</exception>
    public ContainerFolder OpenUnlocked(string id)
    {
        ContainerId.Validate(id);
        int root = Sys.openat(Sys.AT_FDCWD, _root, O.PATH | O.DIRECTORY);
        if (Sys.Is(root, Errno.ENOENT))
            throw NotFound(id);
        using OwnedFd fd = OwnedFd.FromAnswer(root, "open", _root);
        try
        {
            return ContainerFolder.Open(fd, id);
        }
        catch (LinuxException missing) when (missing.Errno == Errno.ENOENT)
        {
            throw NotFound(id);
        }
    }

    /// <summary>The ids of all containers, sorted.</summary>
    public List<string> List()
    {
        List<string> ids = FolderList.FoldersIn(_root);
        ids.Sort(StringComparer.Ordinal);
        return ids;
    }

    private OwnedFd OpenRoot()
    {
        int fd = Sys.openat(Sys.AT_FDCWD, _root, O.PATH | O.DIRECTORY);
        if (!Sys.Is(fd, Errno.ENOENT))
            return OwnedFd.FromAnswer(fd, "open", _root);
        Directory.CreateDirectory(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return OwnedFd.FromAnswer(Sys.openat(Sys.AT_FDCWD, _root, O.PATH | O.DIRECTORY), "open", _root);
    }

    private static ContainerException NotFound(string id) => new(ContainerErrorKind.NotFound, $"container does not exist: '{id}'");
}
