using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>A user namespace that nobody lives in: only its id mapping is of use, for id-mapped mounts.</summary>
public static class IdMapNamespace
{
    /// <summary>Makes one.</summary>
    /// <param name="uids">Its user ids: the container's side is what the file system stores, the host's side what is shown.</param>
    /// <param name="gids">The same for groups.</param>
    /// <returns>The namespace; it lives as long as the fd, or a mount that uses it.</returns>
    /// <exception cref="LinuxException">The kernel refused the namespace or the mapping.</exception>
    public static OwnedFd Make(List<IdMapping> uids, List<IdMapping> gids)
    {
        (int Parent, int Child) line = InitProcess.OpenLine();
        InitPlanBuilder plan = new();
        plan.Await("wait while the mapping is written", line.Child); // at the end of the line the child ends
        using InitPlanBlock block = plan.Build(line.Child);
        InitProcess child = InitProcess.Start(block, CLONE.NEWUSER, line);
        using OwnedFd pidfd = new(child.Pidfd);
        try
        {
            IdMaps.Write(child.Pid, uids, gids);
            return FileIo.Open(Sys.AT_FDCWD, $"/proc/{child.Pid}/ns/user", O.RDONLY);
        }
        finally
        {
            child.Dispose();
            int answer;
            do
                answer = Sys.waitid(P.PIDFD, pidfd.Value, out _, W.EXITED);
            while (Sys.Is(answer, Errno.EINTR));
        }
    }
}
