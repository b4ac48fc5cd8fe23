using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Volumes;

/// <summary>
/// The files of a volume, for us. A volume with a file system of its own that no container has mounted is mounted nowhere for that: the
/// mount is gone with its fd, whatever happens to this process.
/// </summary>
internal sealed class VolumeFiles : IDisposable
{
    private readonly OwnedFd _folder;
    private readonly OwnedFd _data;
    private readonly bool _isOwn;

    private VolumeFiles(OwnedFd folder, OwnedFd data, bool isOwn)
    {
        _folder = folder;
        _data = data;
        _isOwn = isOwn;
    }

    /// <summary>What containers see.</summary>
    public OwnedFd Data => _data;

    /// <summary>Where files can be made ready: out of sight of containers, on the same file system.</summary>
    public OwnedFd Stage => _isOwn ? _data : _folder;

    /// <summary>Opens them to read.</summary>
    /// <exception cref="ContainerException">The file system cannot be mounted.</exception>
    public static VolumeFiles Open(VolumeStore store, VolumeRecord volume)
    {
        OwnedFd folder = store.OpenFolder(volume.Name);
        try
        {
            FileSystemMount? system = VolumeOptions.FileSystemOf(volume.Options);
            return system is null or { IsVolatile: true } || SharedMount.IsMounted(folder.Value, MountSource.DataName)
                ? new VolumeFiles(folder, store.OpenData(volume.Name), false)
                : new VolumeFiles(folder, Mount(volume, system), true);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens them to put files in; null where that cannot be done out of sight of containers: its own file system is in use by one that runs,
    /// or begins empty each time. No container can begin to use it until this is disposed.
    /// </summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static VolumeFiles? TryOpenAlone(VolumeStore store, VolumeRecord volume)
    {
        if (VolumeOptions.FileSystemOf(volume.Options) is not { } system)
            return Open(store, volume);
        if (system.IsVolatile)
            return null;
        OwnedFd folder = store.OpenFolder(volume.Name);
        try
        {
            if (!FolderLock.TryTake(folder.Value, volume.Name))
            {
                folder.Dispose();
                return null;
            }
            return new VolumeFiles(folder, Mount(volume, system), true);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty()
    {
        using OwnedFd fresh = FileIo.Open(_data.Value, ".", O.RDONLY | O.DIRECTORY);
        return FolderList.Of(fresh.Value, "volume").TrueForAll(VolumeStage.IsOurs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _data.Dispose();
        _folder.Dispose();
    }

    private static OwnedFd Mount(VolumeRecord volume, FileSystemMount system)
    {
        try
        {
            using OwnedFd mount = system.Open();
            return FileIo.Open(mount.Value, ".", O.RDONLY | O.DIRECTORY);
        }
        catch (LinuxException refused)
        {
            ContainerErrorKind kind = refused.Errno is Errno.ENOENT or Errno.ENODEV ? ContainerErrorKind.NotFound : ContainerErrorKind.Internal;
            throw new ContainerException(kind, $"mount volume '{volume.Name}'", refused);
        }
    }
}
