using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>A mount of the host's, for as long as a test needs it.</summary>
internal sealed class HostMount : IDisposable
{
    private HostMount(string path) => Path = path;

    public string Path { get; }

    /// <summary>Mounts a tmpfs on a new folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="flags"><c>MS_*</c>.</param>
    /// <param name="propagation"><c>MS_SHARED</c> or <c>MS_PRIVATE</c>.</param>
    public static HostMount Tmpfs(string path, ulong flags = 0, ulong propagation = MS.PRIVATE)
    {
        Directory.CreateDirectory(path);
        LinuxException.ThrowIfError(Sys.mount("tmpfs", path, "tmpfs", flags, "mode=755"), "mount tmpfs", path);
        HostMount mount = new(path);
        mount.Change(propagation);
        return mount;
    }

    /// <summary>Mounts a new folder on itself: of the file system that it is in, which may know more than a tmpfs.</summary>
    public static HostMount Bind(string path)
    {
        Directory.CreateDirectory(path);
        LinuxException.ThrowIfError(Sys.mount(path, path, "", MS.BIND, ""), "bind", path);
        HostMount mount = new(path);
        mount.Change(MS.PRIVATE);
        return mount;
    }

    /// <summary>Changes its propagation.</summary>
    public void Change(ulong propagation) => LinuxException.ThrowIfError(Sys.mount("", Path, "", propagation, ""), "change propagation", Path);

    public void Dispose() => LinuxException.ThrowIfError(Sys.umount2(Path, MNT.DETACH), "umount", Path);
}
