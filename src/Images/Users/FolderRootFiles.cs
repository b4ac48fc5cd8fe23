using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Users;

/// <summary>
/// Root files beneath a folder fd, a detached mount included. Links are followed as inside the container. A file is looked at before it
/// is opened: a pipe would hang us, a device might do anything.
/// </summary>
/// <param name="root">An fd of the folder; stays the caller's.</param>
public sealed class FolderRootFiles(int root) : IRootFiles
{
    /// <inheritdoc/>
    public byte[]? TryReadFile(string path, int limit)
    {
        try
        {
            return TryRead(path, limit);
        }
        catch (LinuxException error)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"read '{path}' of the image", error);
        }
    }

    private byte[]? TryRead(string path, int limit)
    {
        int answer;
        do
            answer = Sys.openat2(root, path, O.PATH, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS);
        while (Sys.Is(answer, Errno.EAGAIN)); // a race with some rename on the machine could not be ruled out
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR))
            return null;
        using OwnedFd found = OwnedFd.FromAnswer(answer, "open");
        LinuxException.ThrowIfError(Sys.statx(found.Value, "", AT.EMPTY_PATH, STATX.TYPE | STATX.SIZE, out statx_t stat), "stat");
        if ((stat.stx_mode & S.IFMT) != S.IFREG)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' of the image is not a regular file");
        if (stat.stx_size > (ulong)limit)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' of the image is longer than {limit} bytes");
        using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, $"/proc/self/fd/{found.Value}", O.RDONLY);
        return FileIo.ReadAll(file.Value, "", limit);
    }
}
