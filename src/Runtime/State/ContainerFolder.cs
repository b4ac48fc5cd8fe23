using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.State;

/// <summary>The open state folder of one container.</summary>
public sealed class ContainerFolder : IDisposable
{
    /// <summary>The pipe whose first byte starts the container.</summary>
    public const string GoPipe = "exec.fifo";

    /// <summary>The pipe that tells what came of the start.</summary>
    public const string ResultPipe = "result.fifo";

    private const string StateFile = "state.json";
    private const string ConfigFile = "config.json";

    private readonly OwnedFd _root;
    private readonly OwnedFd _fd;
    private bool _locked;
    private string? _prepared; // name of a state that is not yet the state

    private ContainerFolder(OwnedFd root, OwnedFd fd, string id)
    {
        _root = root;
        _fd = fd;
        Id = id;
    }

    /// <summary>The container's id.</summary>
    public string Id { get; }

    /// <summary>The folder.</summary>
    public int Fd => _fd.Value;

    /// <summary>Whether the state was written: where not, the container is half made.</summary>
    public bool HasState => Sys.faccessat2(Fd, StateFile, 0, 0) == 0;

    /// <summary>
    /// Whether the container waits for <c>start</c>: it has the pipe open until execve. The pipe alone would not tell,
    /// a killed start leaves it behind.
    /// </summary>
    public bool AwaitsStart
    {
        get
        {
            int fd = Sys.openat(Fd, GoPipe, O.WRONLY | O.NONBLOCK | O.NOFOLLOW);
            if (fd < 0)
                return false;
            _ = Sys.close(fd); // ignored: nothing was written
            return true;
        }
    }

    /// <summary>Whether the folder is still in its place.</summary>
    public bool Exists => Sys.statx(Fd, "", AT.EMPTY_PATH, STATX.NLINK, out statx_t file) == 0 && file.stx_nlink > 0;

    /// <summary>Opens the folder of a container.</summary>
    /// <exception cref="LinuxException"><c>ENOENT</c> where there is none.</exception>
    public static ContainerFolder Open(OwnedFd root, string id)
    {
        OwnedFd fd = FileIo.Open(root.Value, id, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        int again = Sys.fcntl(root.Value, F.DUPFD_CLOEXEC, 3);
        return new ContainerFolder(OwnedFd.FromAnswer(again, "dup", "state root"), fd, id);
    }

    /// <summary>Waits for the lock.</summary>
    public void Lock()
    {
        int answer;
        do
            answer = Sys.flock(Fd, LOCK.EX);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "lock container", Id);
        _locked = true;
    }

    /// <summary>Takes the lock if it is free.</summary>
    public bool TryLock() => _locked = Sys.flock(Fd, LOCK.EX | LOCK.NB) == 0;

    /// <summary>Whether no other process holds the lock: its creator is done, or dead.</summary>
    public bool TryLockElsewhere()
    {
        int fd = Sys.openat(Fd, ".", O.RDONLY | O.DIRECTORY);
        if (fd < 0)
            return true;
        using OwnedFd probe = new(fd);
        return _locked || Sys.flock(fd, LOCK.SH | LOCK.NB) == 0;
    }

    /// <summary>Lets others in, the folder stays open.</summary>
    public void Unlock()
    {
        _ = Sys.flock(Fd, LOCK.UN); // ignored: closing the folder unlocks as well
        _locked = false;
    }

    /// <summary>Keeps the spec as it was given.</summary>
    public void SaveConfig(ReadOnlySpan<byte> json) => FileIo.Replace(Fd, ConfigFile, json, 0x180 /* 0600 */, durable: false);

    /// <summary>The spec as it was given.</summary>
    public byte[] LoadConfig()
    {
        using OwnedFd file = FileIo.Open(Fd, ConfigFile, O.RDONLY);
        return FileIo.ReadSized(file.Value, ConfigFile, Oci.SpecReader.MaxBytes);
    }

    /// <summary>Writes the state.</summary>
    public void Save(SavedState state)
    {
        Prepare(state);
        Publish();
    }

    /// <summary>Writes the state to a file that nobody looks at before <see cref="Publish"/>.</summary>
    public void Prepare(SavedState state) => _prepared = FileIo.Prepare(Fd, StateFile, state.ToBytes(), 0x180 /* 0600 */, durable: false);

    /// <summary>Makes what was prepared the state.</summary>
    public void Publish() => FileIo.Publish(Fd, _prepared!, StateFile, durable: false);

    /// <summary>Reads the state; null where the container is half made.</summary>
    public SavedState? Load()
    {
        int fd = Sys.openat(Fd, StateFile, O.RDONLY | O.NOFOLLOW);
        if (Sys.Is(fd, Errno.ENOENT))
            return null;
        using OwnedFd file = OwnedFd.FromAnswer(fd, "open", StateFile);
        return SavedState.Parse(FileIo.ReadAll(file.Value, StateFile, 2 * Oci.SpecReader.MaxBytes), Id); // it holds the annotations
    }

    /// <summary>Makes one of the two pipes, open for reading and writing, so that neither side ever waits for the other to open it.</summary>
    public OwnedFd MakePipe(string name)
    {
        int made = Sys.mknodat(Fd, name, S.IFIFO | 0x180 /* 0600 */, 0);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "mkfifo", name);
        return FileIo.Open(Fd, name, O.RDWR | O.NOFOLLOW);
    }

    /// <summary>Makes the folder for the socket on which the program says that it is ready.</summary>
    /// <returns>Its path.</returns>
    internal string MakeNotifyFolder(StateStore store)
    {
        int made = Sys.mkdirat(Fd, NotifySocket.Folder, 0x1ED /* 0755 */);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "mkdir", NotifySocket.Folder);
        return Path.GetFullPath($"{store.Root}/{Id}/{NotifySocket.Folder}");
    }

    /// <summary>Removes the two pipes: the container is started.</summary>
    public void RemovePipes()
    {
        RemoveFile(GoPipe);
        RemoveFile(ResultPipe);
    }

    /// <summary>Removes the folder and all in it.</summary>
    /// <exception cref="LinuxException">Something could not be removed.</exception>
    public void Remove()
    {
        RemovePipes();
        RemoveFile(ConfigFile);
        RemoveFile(StateFile); // last: what is left without it counts as half made
        _ = Sys.lseek(Fd, 0, 0); // ignored: a folder can always be rewound
        foreach (string name in FolderList.Of(Fd, Id))
        {
            if (name == NotifySocket.Folder)
                RemoveNotifyFolder();
            else
                RemoveFile(name); // temporary files of killed commands
        }
        int answer = Sys.unlinkat(_root.Value, Id, AT.REMOVEDIR);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "rmdir", Id);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // By name and not by closing: a container that was created meanwhile has a copy of the fd until it executes.
        if (_locked)
            Unlock();
        _fd.Dispose();
        _root.Dispose();
    }

    private void RemoveNotifyFolder()
    {
        RemoveFile($"{NotifySocket.Folder}/{NotifySocket.FileName}");
        LinuxException.ThrowIfError(Sys.unlinkat(Fd, NotifySocket.Folder, AT.REMOVEDIR), "rmdir", NotifySocket.Folder);
    }

    private void RemoveFile(string name)
    {
        int answer = Sys.unlinkat(Fd, name, 0);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "unlink", name);
    }
}
