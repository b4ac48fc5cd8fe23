using Rundlet.Syscalls;

namespace Rundlet.Linux.Quotas;

/// <summary>
/// How much may lie in a folder: project quotas of ext4 and XFS. All that is made in a folder belongs to the folder's project, a number,
/// and the file system counts what a project has. Needs Linux 5.14 and a file system mounted with <c>prjquota</c>.
/// </summary>
public static class ProjectQuota
{
    private const int Unit = 1024; // QIF_DQBLKSIZE

    /// <summary>Whether nothing belongs to a project, and it has no limit.</summary>
    /// <param name="folder">An fd of a folder on the file system, not <c>O_PATH</c>.</param>
    /// <param name="path">Its path, for the error.</param>
    /// <param name="project">The project; 0 is that of everything without one.</param>
    /// <exception cref="ContainerException">Unsupported: the file system counts no projects.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool IsFree(int folder, string path, uint project)
    {
        if_dqblk quota = default;
        int answer = Sys.quotactl_fd(folder, QUOTA.Q_GETQUOTA, QUOTA.PRJQUOTA, project, ref quota);
        if (Sys.Is(answer, Errno.ENOENT))
            return true; // XFS knows nothing of it
        Check(answer, path, "read the quota of");
        return quota is { dqb_curspace: 0, dqb_curinodes: 0, dqb_bhardlimit: 0 };
    }

    /// <summary>Limits what a project may have; more is refused with <c>EDQUOT</c> or <c>ENOSPC</c>.</summary>
    /// <param name="folder">An fd of a folder on the file system, not <c>O_PATH</c>.</param>
    /// <param name="path">Its path, for the error.</param>
    /// <param name="project">The project, not 0.</param>
    /// <param name="bytes">The limit, rounded up to 1 KiB; 0 for none.</param>
    /// <inheritdoc cref="IsFree" path="/exception"/>
    public static void Limit(int folder, string path, uint project, long bytes)
    {
        ulong units = (ulong)((bytes + Unit - 1) / Unit);
        if_dqblk quota = new() { dqb_bhardlimit = units, dqb_bsoftlimit = units, dqb_valid = QUOTA.QIF_BLIMITS };
        Check(Sys.quotactl_fd(folder, QUOTA.Q_SETQUOTA, QUOTA.PRJQUOTA, project, ref quota), path, "set the quota of");
    }

    /// <summary>The project that a folder belongs to; 0 for none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static uint Of(int folder, string path)
    {
        fsxattr attributes = default;
        int answer = Sys.ioctl(folder, FS.IOC_FSGETXATTR, ref attributes);
        if (Sys.Is(answer, Errno.ENOTTY) || Sys.Is(answer, Errno.EOPNOTSUPP))
            return 0;
        LinuxException.ThrowIfError(answer, "read the project of", path);
        return attributes.fsx_projid;
    }

    /// <summary>Gives an empty folder, and all that will be made in it, to a project.</summary>
    /// <inheritdoc cref="IsFree" path="/exception"/>
    public static void Assign(int folder, string path, uint project)
    {
        fsxattr attributes = default;
        Check(Sys.ioctl(folder, FS.IOC_FSGETXATTR, ref attributes), path, "read the project of");
        attributes.fsx_projid = project;
        attributes.fsx_xflags |= FS.XFLAG_PROJINHERIT;
        Check(Sys.ioctl(folder, FS.IOC_FSSETXATTR, ref attributes), path, "set the project of");
    }

    // ESRCH is the kernel's word for quotas that are not switched on.
    private static void Check(int answer, string path, string operation)
    {
        if (answer >= 0)
            return;
        var failed = new LinuxException(Sys.ErrorOf(answer), operation, path);
        if (failed.Errno is Errno.ESRCH or Errno.ENOSYS or Errno.EOPNOTSUPP or Errno.ENOTTY or Errno.EINVAL)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"a size needs project quotas, which the file system of '{path}' does not have")
            {
                Hint = "it can be limited on XFS or ext4 mounted with the option prjquota; ext4 needs its features 'quota' and 'project' too: tune2fs -O quota,project DEVICE",
            };
        }
        throw failed;
    }
}
