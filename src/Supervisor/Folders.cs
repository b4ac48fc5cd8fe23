using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The container's two folders, open for the supervisor's whole life.</summary>
internal sealed class Folders : IDisposable
{
    /// <summary>Opens them.</summary>
    /// <exception cref="LinuxException">One is not there.</exception>
    public Folders(string containerPath, string runPath)
    {
        ContainerPath = containerPath;
        RunPath = runPath;
        Container = FileIo.Open(Sys.AT_FDCWD, containerPath, O.RDONLY | O.DIRECTORY);
        Run = FileIo.Open(Sys.AT_FDCWD, runPath, O.RDONLY | O.DIRECTORY);
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
