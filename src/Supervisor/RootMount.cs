using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's overlay as a detached mount: it is never attached on the host, and vanishes with its last user. No path of the
/// host is in the container's mountinfo.
/// </summary>
internal static class RootMount
{
    /// <summary>Mounts it.</summary>
    /// <param name="overlay">Its folders.</param>
    /// <param name="users">The user namespace of the container, whose root is root in the layers; null for the host's.</param>
    /// <param name="what">What to call it in an error.</param>
    /// <exception cref="ContainerException">The kernel refused, or cannot have that many layers; Unsupported: it cannot map their ids.</exception>
    public static OwnedFd Make(OverlayConfig overlay, OwnedFd? users, string what = "the root file system")
    {
        if (overlay is { Work: { } work } && overlay.Options.Contains("volatile"))
            ForgetLife(work);
        OverlayMount mount = new() { Lower = overlay.Lower, Upper = overlay.Upper, Work = overlay.Work, Options = overlay.Options, FdFolder = "", IdMap = users };
        LinuxException.ThrowIfError(Sys.chdir("/proc/self/fd"), "chdir", "/proc/self/fd");
        try
        {
            return mount.Open();
        }
        catch (LinuxException failed) when (users is not null && failed.Errno is Errno.EINVAL or Errno.EPERM or Errno.EOPNOTSUPP)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, "this kernel cannot map the ids of image layers", failed)
            {
                Hint = "a user namespace of the container's own wants Linux 6.15 or later, and layers on a file system such as ext4, XFS or btrfs",
            };
        }
        catch (LinuxException failed)
        {
            ContainerErrorKind kind = failed.Errno == Errno.EPERM ? ContainerErrorKind.PermissionDenied : ContainerErrorKind.Internal;
            throw new ContainerException(kind, $"mount {what}", failed)
            {
                Hint = failed.Errno == Errno.EINVAL && overlay.Upper is not null ? "an overlay cannot be written on an overlay: where the engine's folder is in a container's file system, put it on a volume (--root), or set RUNDLET_STORAGE_DRIVER=copy" : null,
            };
        }
        finally
        {
            LinuxException.ThrowIfError(Sys.chdir("/"), "chdir", "/");
        }
    }

    // A volatile overlay says in there that it was mounted before: after a crash of the machine its files would be worth nothing, and the
    // kernel refuses it. The container goes with the machine, so that this is a mark of a life before this one.
    private static void ForgetLife(string work)
    {
        const string Own = "work"; // what overlayfs calls its own folder in the one that it is given
        string place = $"{work}/{Own}/incompat";
        int answer = Sys.openat(Sys.AT_FDCWD, place, O.PATH | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return;
        using OwnedFd marks = OwnedFd.FromAnswer(answer, "open", place);
        foreach ((string mark, int flags) in ((string, int)[])[("volatile/dirty", 0), ("volatile", AT.REMOVEDIR)])
        {
            answer = Sys.unlinkat(marks.Value, mark, flags);
            if (!Sys.Is(answer, Errno.ENOENT))
                LinuxException.ThrowIfError(answer, "remove", mark);
        }
    }
}
