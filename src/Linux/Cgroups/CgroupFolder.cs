using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>
/// One cgroup in one hierarchy: its files through an fd that is known to be on a cgroup file system. Opened when
/// first needed. One open, one write, one close for each file; nothing is looked at before.
/// </summary>
internal sealed class CgroupFolder(string path, bool isV2, string[] names) : IDisposable
{
    private OwnedFd? _fd;

    /// <summary>Absolute path.</summary>
    public string Path { get; } = path;

    /// <summary>Whether the hierarchy is of v2.</summary>
    public bool IsV2 { get; } = isV2;

    /// <summary>Controllers of the hierarchy as the kernel names them.</summary>
    public string[] Names { get; } = names;

    /// <summary>Those of them that have a meaning here.</summary>
    public CgroupControllers Controllers { get; } = ControllerNames.ParseAll(names);

    /// <summary>Whether <see cref="Cgroup.Create"/> made it, in this object's life.</summary>
    public bool IsNew { get; set; }

    /// <summary>Where to note what files held before they are written; null for nowhere.</summary>
    public CgroupJournal? Journal { get; set; }

    /// <summary>Whether it is this object's to remove: made by <see cref="Cgroup.Create"/>, or found without processes and taken over.</summary>
    public bool IsOwn { get; set; }

    /// <summary>The fd of the folder.</summary>
    /// <exception cref="LinuxException">There is no such folder, or it is on another file system (<c>EXDEV</c>).</exception>
    public int Fd => (_fd ??= OpenVerified()).Value;

    /// <summary>A folder whose file system is not looked at: for tests, which have their files in a plain one.</summary>
    public static CgroupFolder Unverified(string path, bool isV2, params string[] names) =>
        new(path, isV2, names) { _fd = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY) };

    /// <summary>Writes a value to a file.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="value">What to write.</param>
    /// <param name="setting">What the user calls it, for the error.</param>
    /// <exception cref="ContainerException">The kernel refused.</exception>
    public void Write(string file, string value, string setting)
    {
        if (TryWrite(file, value) is var error and not Errno.None)
            throw CgroupErrors.CannotWrite(this, file, value, setting, error);
    }

    /// <summary>
    /// Writes a value to a file and says what the kernel said. Where a v2 controller is not enabled for this cgroup,
    /// it is enabled first.
    /// </summary>
    public Errno TryWrite(string file, string value)
    {
        Journal?.Note(this, file, value);
        Errno error = WriteOnce(file, value);
        if (error != Errno.ENOENT || !IsV2 || SubtreeControl.ControllerOf(file, Names) is not { } controller)
            return error;
        SubtreeControl.EnableDownTo(Path, controller);
        return WriteOnce(file, value);
    }

    /// <summary>The text of a file; null when this kernel or cgroup has no such file.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public byte[]? TryRead(string file)
    {
        int answer = Sys.openat(Fd, file, O.RDONLY);
        if (Sys.Is(answer, Errno.ENOENT))
            return null;
        using OwnedFd fd = OwnedFd.FromAnswer(answer, "open", $"{Path}/{file}");
        try
        {
            return FileIo.ReadAll(fd.Value, $"{Path}/{file}");
        }
        catch (LinuxException refused) when (refused.Errno is Errno.EOPNOTSUPP or Errno.ENODEV)
        {
            return null; // the file is there, what it is about is switched off (pressure, or the cgroup is being removed)
        }
    }

    /// <summary>A file with one number; <c>max</c> is <see cref="ulong.MaxValue"/>, null when there is no such file.</summary>
    public ulong? TryReadNumber(string file) => TryRead(file) is { } text ? FlatFile.Number(text) : null;

    /// <summary>Opens one of the files.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public OwnedFd OpenFile(string file, int flags) => OwnedFd.FromAnswer(Sys.openat(Fd, file, flags), "open", $"{Path}/{file}");

    /// <inheritdoc/>
    public void Dispose()
    {
        _fd?.Dispose();
        _fd = null;
    }

    private Errno WriteOnce(string file, string value)
    {
        int fd = Sys.openat(Fd, file, O.WRONLY);
        if (fd < 0)
            return Sys.ErrorOf(fd);
        nint put = WriteValue(fd, value);
        _ = Sys.close(fd); // ignored: cgroup files take the value in write(2)
        return Sys.ErrorOf(put);
    }

    /// <summary>One write(2), because the kernel takes each as a value of its own.</summary>
    public static nint WriteValue(int fd, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        nint put;
        do
        {
            put = Sys.write(fd, bytes);
        }
        while (Sys.Is(put, Errno.EINTR));
        return put;
    }

    private OwnedFd OpenVerified()
    {
        OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, Path, O.RDONLY | O.DIRECTORY);
        int answer = Sys.fstatfs(fd.Value, out statfs_t statfs);
        if (answer < 0 || statfs.f_type != (IsV2 ? MAGIC.CGROUP2_SUPER_MAGIC : MAGIC.CGROUP_SUPER_MAGIC))
        {
            fd.Dispose();
            LinuxException.ThrowIfError(answer, "fstatfs", Path);
            throw new LinuxException(Errno.EXDEV, "look for a cgroup file system at", Path);
        }
        return fd;
    }
}
