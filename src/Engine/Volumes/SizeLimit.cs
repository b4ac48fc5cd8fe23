using System.Security.Cryptography;
using Rundlet.Linux;
using Rundlet.Linux.Quotas;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Volumes;

/// <summary>
/// Limits what may lie in folders of ours. Each limit has a project of its own, a number that nobody else on the file system has; the
/// folder itself remembers it. With the folder goes the limit.
/// </summary>
internal static class SizeLimit
{
    private const int Attempts = 64;
    private const int LowestProject = 1 << 20; // those below, people give away by hand, in projid(5)

    /// <summary>Limits what all of some new folders may hold together.</summary>
    /// <param name="paths">Empty folders on one file system.</param>
    /// <param name="bytes">The limit.</param>
    /// <exception cref="ContainerException">Unsupported: the file system has no project quotas; says what to do.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Apply(IReadOnlyList<string> paths, long bytes)
    {
        uint project = 0;
        foreach (string path in paths)
        {
            using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
            if (project == 0)
            {
                project = ChooseProject(folder.Value, path);
                ProjectQuota.Limit(folder.Value, path, project, bytes);
            }
            ProjectQuota.Assign(folder.Value, path, project);
        }
    }

    /// <summary>The project of a folder; 0 for none, or where there is no such folder.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static uint ProjectOf(string path)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return 0;
        using OwnedFd folder = OwnedFd.FromAnswer(answer, "open", path);
        return ProjectQuota.Of(folder.Value, path);
    }

    /// <summary>Forgets the limit of a project whose folder is gone.</summary>
    /// <param name="parent">A folder on the file system.</param>
    /// <param name="project">The project; nothing is done for 0.</param>
    public static void Forget(string parent, uint project)
    {
        if (project < LowestProject)
            return;
        try
        {
            using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, parent, O.RDONLY | O.DIRECTORY);
            ProjectQuota.Limit(folder.Value, parent, project, 0);
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            _ = failed; // ignored: the limit of a project that has nothing is looked at when the number is chosen again
        }
    }

    private static uint ChooseProject(int folder, string path)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            uint project = (uint)RandomNumberGenerator.GetInt32(LowestProject, int.MaxValue);
            if (ProjectQuota.IsFree(folder, path, project))
                return project;
        }
        throw new ContainerException(ContainerErrorKind.Unavailable, $"no free project was found on the file system of '{path}'");
    }
}
