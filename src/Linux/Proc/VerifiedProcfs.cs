using Rundlet.Syscalls;

namespace Rundlet.Linux.Proc;

/// <summary>
/// The real procfs, by an fd that nothing mounted over it can change. A file opened through it is on procfs and was
/// reached without a magic link or another mount in between, whatever a container did to its own <c>/proc</c>.
/// </summary>
public sealed class VerifiedProcfs : IDisposable
{
    private const ulong RootInode = 1; // PROC_ROOT_INO
    private const uint MountAttributes = (uint)(MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC);

    private readonly OwnedFd _root;

    private VerifiedProcfs(OwnedFd root, bool isPrivate)
    {
        _root = root;
        IsPrivate = isPrivate;
    }

    /// <summary>Whether the mount is our own, so that nobody else can mount over what is in it.</summary>
    public bool IsPrivate { get; }

    /// <summary>The fd of the root of procfs.</summary>
    public int Fd => _root.Value;

    /// <summary>
    /// Mounts procfs for itself, detached from every tree (fsopen(2)); where that is not permitted, takes <c>/proc</c>
    /// and checks that it is the root of a procfs.
    /// </summary>
    /// <exception cref="LinuxException"><c>EXDEV</c>: what is on <c>/proc</c> is not procfs. Else: the kernel refused.</exception>
    public static VerifiedProcfs Open()
    {
        int mount = MountDetached();
        if (mount >= 0)
            return new VerifiedProcfs(new OwnedFd(mount), isPrivate: true);
        return FromFolder("/proc");
    }

    /// <summary>Takes a folder that must be where procfs is mounted.</summary>
    /// <exception cref="LinuxException"><c>EXDEV</c>: it is not the root of a procfs. Else: the kernel refused.</exception>
    public static VerifiedProcfs FromFolder(string path)
    {
        OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, path, O.PATH | O.DIRECTORY | O.NOFOLLOW);
        try
        {
            RequireProcfs(fd.Value, path);
            LinuxException.ThrowIfError(Sys.statx(fd.Value, "", AT.EMPTY_PATH, STATX.INO, out statx_t statx), "statx", path);
            if (statx.stx_ino != RootInode || (statx.stx_attributes & STATX.ATTR_MOUNT_ROOT) == 0)
                throw new LinuxException(Errno.EXDEV, "look for the root of procfs at", path);
            return new VerifiedProcfs(fd, isPrivate: false);
        }
        catch (LinuxException)
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file or folder of procfs.</summary>
    /// <param name="path">Relative, such as <c>self/attr/exec</c>; links of procfs itself (<c>self</c>) are followed, magic links are not.</param>
    /// <param name="flags">Flags of open(2).</param>
    /// <exception cref="LinuxException"><c>EXDEV</c>: something is mounted over it. <c>ELOOP</c>: a magic link. Else: the kernel refused.</exception>
    public OwnedFd OpenFile(string path, int flags)
    {
        int answer;
        do
        {
            // EAGAIN: somewhere a rename or mount happened at the same moment, openat2(2).
            answer = Sys.openat2(Fd, path, (ulong)(uint)flags, RESOLVE.BENEATH | RESOLVE.NO_MAGICLINKS | RESOLVE.NO_XDEV);
        }
        while (Sys.Is(answer, Errno.EAGAIN) || Sys.Is(answer, Errno.EINTR));
        OwnedFd fd = OwnedFd.FromAnswer(answer, "open", $"/proc/{path}");
        try
        {
            RequireProcfs(fd.Value, $"/proc/{path}");
            return fd;
        }
        catch (LinuxException)
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="LinuxException">As <see cref="OpenFile"/>, and the errors of read(2).</exception>
    public byte[] Read(string path)
    {
        using OwnedFd fd = OpenFile(path, O.RDONLY);
        return FileIo.ReadAll(fd.Value, $"/proc/{path}");
    }

    /// <summary>Writes a value in one write(2).</summary>
    /// <exception cref="LinuxException">As <see cref="OpenFile"/>, and the errors of write(2).</exception>
    public void Write(string path, ReadOnlySpan<byte> value)
    {
        using OwnedFd fd = OpenFile(path, O.WRONLY);
        FileIo.WriteAll(fd.Value, value, $"/proc/{path}");
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    /// <summary>A negated errno where the caller may not mount, or the kernel is too old.</summary>
    private static int MountDetached()
    {
        int context = Sys.fsopen("proc");
        if (context < 0)
            return context;
        using var owned = new OwnedFd(context);
        int answer = Sys.fsconfig_create(context);
        return answer < 0 ? answer : Sys.fsmount(context, MountAttributes);
    }

    private static void RequireProcfs(int fd, string path)
    {
        LinuxException.ThrowIfError(Sys.fstatfs(fd, out statfs_t statfs), "fstatfs", path);
        if (statfs.f_type != MAGIC.PROC_SUPER_MAGIC)
            throw new LinuxException(Errno.EXDEV, "look for procfs at", path);
    }
}
