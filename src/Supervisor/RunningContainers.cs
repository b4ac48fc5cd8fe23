using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>Whether other containers run, by what their supervisors have written down beside our run folder.</summary>
internal sealed class RunningContainers(string ownId, string runPath)
{
    private readonly string _folder = runPath[..runPath.LastIndexOf('/')];

    /// <summary>Whether a container has a first process. One that is made and not yet started counts: it may ask for itself at once.</summary>
    public bool Runs(string id)
    {
        if (id == ownId)
            return true;
        try
        {
            string folder = $"{_folder}/{id}";
            if (Sys.faccessat2(Sys.AT_FDCWD, $"{folder}/{ExitRecord.FileName}", 0, 0) == 0)
                return false;
            using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, $"{folder}/{ContainerRuntimeState.FileName}", O.RDONLY | O.NOFOLLOW);
            ContainerRuntimeState state = ContainerRuntimeState.Read(FileIo.ReadAll(file.Value, folder));
            return state.Status is ContainerStatus.Created or ContainerStatus.Running or ContainerStatus.Paused
                && ProcStat.TryRead(state.Pid) is { IsAlive: true } stat && stat.StartTime == state.PidStartTime;
        }
        catch (Exception failed) when (failed is LinuxException or SpecFormatException)
        {
            return false; // it has no state: it is being made or removed
        }
    }
}
