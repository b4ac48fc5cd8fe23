using Rundlet.Images.Files;
using Rundlet.Images.Snapshots;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Volumes;

/// <summary>
/// Puts files into a volume, all or none. They are made where no container can see or change them, get a name that says that they are
/// whole, and move into the volume one by one. The caller has claimed the volume.
/// </summary>
internal static class VolumeStage
{
    private const string Staging = ".rundlet-staging", Staged = ".rundlet-staged";
    private const uint Private = 0x1C0; // 0700

    /// <summary>Whether a name in a volume is ours.</summary>
    public static bool IsOurs(string name) => name is Staging or Staged;

    /// <summary>Puts files in.</summary>
    /// <param name="folder">A folder on the volume's file system, out of sight of containers.</param>
    /// <param name="data">The volume's files.</param>
    /// <param name="fill">Makes the files in the folder that it gets an fd of; what that is like, the volume's will be.</param>
    /// <param name="durable">Whether they must survive a power cut once this has come back.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Apply(int folder, int data, Action<OwnedFd> fill, bool durable)
    {
        Repair(folder, data);
        try
        {
            LinuxException.ThrowIfError(Sys.mkdirat(folder, Staging, Private), "make folder", Staging);
            using OwnedFd stage = Open(folder, Staging);
            fill(stage);
            if (durable)
                LinuxException.ThrowIfError(Sys.syncfs(stage.Value), "sync", Staging);
            LinuxException.ThrowIfError(Sys.renameat2(folder, Staging, folder, Staged, RENAME.NOREPLACE), "rename", Staging);
        }
        catch
        {
            if (TreeRemover.TryRemove(folder, Staging) is { } left)
                _ = left; // ignored: the error that led here is the one to tell, and the next command tries again
            throw;
        }
        Merge(folder, data);
    }

    /// <summary>Goes on where somebody was killed.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Repair(int folder, int data)
    {
        TreeRemover.Remove(folder, Staging);
        Merge(folder, data);
    }

    private static void Merge(int folder, int data)
    {
        int answer = Sys.openat(folder, Staged, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return;
        using (OwnedFd stage = OwnedFd.FromAnswer(answer, "open", Staged))
            TreeMerge.Move(stage.Value, data);
        TreeRemover.Remove(folder, Staged);
    }

    private static OwnedFd Open(int folder, string name) => FileIo.Open(folder, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
}
