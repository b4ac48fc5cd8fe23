using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The container's two folders, open for the supervisor's whole life.</summary>
internal sealed class Folders : IDisposable
{
    // When the first thread of a supervisor that was killed is gone, it counts as dead; its lock goes with the last thread.
    private const int LastThreadMs = 1000;

    /// <summary>Opens them, and holds the run folder's lock: a container has one supervisor.</summary>
    /// <exception cref="LinuxException">One is not there.</exception>
    /// <exception cref="ContainerException">Conflict: the container has a supervisor.</exception>
    public Folders(string containerPath, string runPath)
    {
        ContainerPath = containerPath;
        RunPath = runPath;
        Container = FileIo.Open(Sys.AT_FDCWD, containerPath, O.RDONLY | O.DIRECTORY);
        Run = FileIo.Open(Sys.AT_FDCWD, runPath, O.RDONLY | O.DIRECTORY);
        if (!FolderLock.Take(Run.Value, runPath, LastThreadMs))
            throw new ContainerException(ContainerErrorKind.Conflict, $"the container of '{runPath}' has a supervisor already");
    }

    /// <summary>The container's folder: its documents, its writable layer, its log. The bundle.</summary>
    public OwnedFd Container { get; }

    /// <summary>Its absolute path.</summary>
    public string ContainerPath { get; }

    /// <summary>The run folder: socket, state, exit record.</summary>
    public OwnedFd Run { get; }

    /// <summary>Its absolute path.</summary>
    public string RunPath { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Container.Dispose();
        Run.Dispose();
    }
}
