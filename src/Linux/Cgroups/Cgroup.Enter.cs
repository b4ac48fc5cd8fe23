using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

// Where the kernel does not take a process into a cgroup of v2: cgroup-v2, "No Internal Process Constraint", "Threads".

public sealed partial class Cgroup
{
    /// <summary>Why a child could not be born in the cgroup2 folder, in words; null where the failure has nothing to do with cgroups.</summary>
    /// <param name="failure">Counts where it is clone3(2)'s, with <c>CLONE_INTO_CGROUP</c>.</param>
    public ContainerException? WhyClosed(LinuxException failure)
    {
        if (failure.Operation != "clone3" || _folders.Unified is not { } folder || Reason(folder, failure.Errno) is not { } reason)
            return null;
        return new ContainerException(CgroupErrors.KindOf(failure.Errno), $"cgroup '{folder.Path}' takes no process: {reason}")
        {
            Hint = failure.Errno == Errno.EACCES
                ? "start from a cgroup that is delegated to the user, as with systemd-run --user --scope -p Delegate=yes"
                : "choose another linux.cgroupsPath",
        };
    }

    /// <summary>
    /// The cgroup2 folder of a process that is in a cgroup beneath this one. A container that manages cgroups of its own puts its
    /// processes there, and what it hands controllers on from takes none.
    /// </summary>
    /// <returns>The folder, the caller's to close; null where the process is gone, or elsewhere.</returns>
    public OwnedFd? TryOpenBeneath(int pid)
    {
        try
        {
            if (_folders.Unified is not { } folder || CgroupLayout.Of(pid).Unified is not { } unified)
                return null;
            string path = unified.MountPoint + unified.OwnPath;
            if (!path.StartsWith(folder.Path + "/", StringComparison.Ordinal))
                return null;
            using CgroupFolder beneath = new(path, isV2: true, []);
            return OwnedFd.FromAnswer(Sys.fcntl(beneath.Fd, F.DUPFD_CLOEXEC), "duplicate", path);
        }
        catch (LinuxException gone)
        {
            _ = gone; // ignored: what made the caller ask is the error to tell
            return null;
        }
    }

    private static string? Reason(CgroupFolder folder, Errno error) => error switch
    {
        Errno.EOPNOTSUPP => $"it lies beneath a threaded cgroup, its type is '{TypeOf(folder)}'",
        Errno.EBUSY => "it hands controllers on to cgroups of its own",
        Errno.EACCES => "the caller may not move processes there from its own cgroup",
        Errno.ENODEV => "somebody has removed it",
        _ => null,
    };

    private static string TypeOf(CgroupFolder folder) => FileIo.TryReadText($"{folder.Path}/cgroup.type")?.TrimEnd('\n') ?? "unknown";
}
