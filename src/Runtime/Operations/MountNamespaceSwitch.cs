using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// A mount namespace of the caller's own until this is disposed: what is mounted in it is seen by nobody else, and is
/// gone with it however the caller ends.
/// </summary>
internal sealed class MountNamespaceSwitch : IDisposable
{
    private readonly OwnedFd _own;
    private readonly OwnedFd _folder;

    private MountNamespaceSwitch(OwnedFd own, OwnedFd folder)
    {
        _own = own;
        _folder = folder;
    }

    /// <summary>Enters a copy of the present one; nothing spreads between the two.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static MountNamespaceSwitch Enter()
    {
        OwnedFd own = FileIo.Open(Sys.AT_FDCWD, "/proc/self/ns/mnt", O.RDONLY);
        MountNamespaceSwitch entered = new(own, FileIo.Open(Sys.AT_FDCWD, ".", O.PATH | O.DIRECTORY));
        try
        {
            LinuxException.ThrowIfError(Sys.unshare(CLONE.NEWNS), "unshare the mount namespace");
            LinuxException.ThrowIfError(Sys.mount("none", "/", "", MS.REC | MS.PRIVATE, ""), "make all mounts private");
            return entered;
        }
        catch
        {
            entered.Dispose();
            throw;
        }
    }

    /// <summary>Goes back, to the same working folder.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Dispose()
    {
        using (_own)
        using (_folder)
        {
            LinuxException.ThrowIfError(Sys.setns(_own.Value, CLONE.NEWNS), "leave the mount namespace");
            LinuxException.ThrowIfError(Sys.fchdir(_folder.Value), "go back to the working folder");
        }
    }
}
