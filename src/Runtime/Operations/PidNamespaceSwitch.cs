using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>Children of the calling thread go into another pid namespace until this is disposed; the caller itself stays where it is.</summary>
internal sealed class PidNamespaceSwitch : IDisposable
{
    private readonly OwnedFd _own;

    private PidNamespaceSwitch(OwnedFd own) => _own = own;

    /// <summary>Enters by a namespace fd or a pidfd.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static PidNamespaceSwitch Enter(int fd)
    {
        OwnedFd own = FileIo.Open(Sys.AT_FDCWD, "/proc/self/ns/pid_for_children", O.RDONLY);
        int answer = Sys.setns(fd, CLONE.NEWPID);
        if (answer < 0)
            own.Dispose();
        LinuxException.ThrowIfError(answer, "join the pid namespace");
        return new PidNamespaceSwitch(own);
    }

    /// <summary>Clones a child into a pid namespace, and comes back.</summary>
    /// <param name="fd">A namespace fd or a pidfd.</param>
    /// <param name="block">As for <see cref="InitProcess.Start"/>, as the rest.</param>
    /// <exception cref="LinuxException">The kernel refused; the line is closed.</exception>
    public static InitProcess Clone(int fd, InitPlanBlock block, ulong flags, (int Parent, int Child) line, CloneOptions options)
    {
        PidNamespaceSwitch joined;
        try
        {
            joined = Enter(fd);
        }
        catch
        {
            InitProcess.CloseLine(line);
            throw;
        }
        using (joined)
            return InitProcess.Start(block, flags, line, options);
    }

    /// <summary>As <see cref="Clone"/>, by a process that clones no other one and need not come back.</summary>
    /// <exception cref="LinuxException">As above.</exception>
    public static InitProcess CloneLast(int fd, InitPlanBlock block, ulong flags, (int Parent, int Child) line, CloneOptions options)
    {
        int answer = Sys.setns(fd, CLONE.NEWPID);
        if (answer < 0)
            InitProcess.CloseLine(line);
        LinuxException.ThrowIfError(answer, "join the pid namespace");
        return InitProcess.Start(block, flags, line, options);
    }

    /// <summary>
    /// Goes back. Who is root in a user namespace only may enter and not go back, as the own pid namespace belongs to the
    /// host's; children that come later are then the container's too.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused; the process must not clone any more.</exception>
    public void Dispose()
    {
        using (_own)
        {
            int answer = Sys.setns(_own.Value, CLONE.NEWPID);
            if (!Sys.Is(answer, Errno.EPERM) || !RootlessCaller.IsInUserNamespace())
                LinuxException.ThrowIfError(answer, "leave the pid namespace");
        }
    }
}
