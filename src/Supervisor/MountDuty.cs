using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The container's volumes, and images that are mounted in it: their file systems, where they have some of their own, and what of them is bound.</summary>
internal sealed class MountDuty : IDisposable
{
    private readonly Dictionary<string, SharedMount> _held = [];

    /// <summary>Uses the file systems of volumes, which stay mounted until <see cref="Dispose"/>, through all lives of the container.</summary>
    /// <exception cref="ContainerException">One cannot be mounted; says why.</exception>
    public void Take(SupervisorConfig config)
    {
        foreach (MountSource source in config.Mounts)
        {
            if (source.FileSystem is not { } system || _held.ContainsKey(source.Volume))
                continue;
            try
            {
                _held.Add(source.Volume, SharedMount.Take(source.Volume, MountSource.DataName, system));
            }
            catch (LinuxException refused)
            {
                ContainerErrorKind kind = refused.Errno is Errno.ENOENT or Errno.ENODEV ? ContainerErrorKind.NotFound : ContainerErrorKind.Internal;
                throw new ContainerException(kind, $"mount volume '{source.VolumeName}'", refused);
            }
        }
    }

    /// <summary>Is a user of what is mounted already, for a container whose supervisor was killed.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Keep(SupervisorConfig config)
    {
        foreach (MountSource source in config.Mounts)
        {
            if (source.FileSystem is not null && !_held.ContainsKey(source.Volume))
                _held.Add(source.Volume, SharedMount.Keep(source.Volume, MountSource.DataName));
        }
    }

    /// <summary>Opens the sources as detached mounts, by destination. The caller disposes them.</summary>
    /// <exception cref="ContainerException">NotFound: no such path in a volume; Conflict: it leads out of the volume.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Dictionary<string, OwnedFd> Open(SupervisorConfig config)
    {
        Dictionary<string, OwnedFd> trees = [];
        try
        {
            foreach (MountSource source in config.Mounts)
                trees.Add(source.Destination, Open(source));
            return trees;
        }
        catch
        {
            Close(trees);
            throw;
        }
    }

    /// <summary>Closes what <see cref="Open(SupervisorConfig)"/> opened.</summary>
    public static void Close(Dictionary<string, OwnedFd> trees)
    {
        foreach ((_, OwnedFd tree) in trees)
            tree.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, SharedMount mount) in _held)
            mount.Dispose();
        _held.Clear();
    }

    private static OwnedFd Open(MountSource source)
    {
        if (source.Layers is { Count: > 1 } layers)
            return OpenImage(source, layers);
        string path = source.Layers is { Count: 1 } ? source.Layers[0] : $"{source.Volume}/{MountSource.DataName}";
        using OwnedFd data = FileIo.Open(Sys.AT_FDCWD, path, O.PATH | O.DIRECTORY | O.NOFOLLOW);
        using OwnedFd? below = source.Subpath is null ? null : OpenBelow(data, source);
        return OwnedFd.FromAnswer(Sys.open_tree((below ?? data).Value, "", (uint)AT.EMPTY_PATH | MOUNT.OPEN_TREE_CLONE | (uint)AT.RECURSIVE), "open_tree", source.Volume);
    }

    // Of one layer the kernel makes no overlay. Of several it makes one that is attached nowhere, of which a part can be taken since Linux 6.15.
    private static OwnedFd OpenImage(MountSource source, IReadOnlyList<string> layers)
    {
        OwnedFd image = RootMount.Make(new OverlayConfig { Lower = layers }, null, $"image '{source.Volume}'");
        if (source.Subpath is null)
            return image;
        using (image)
        {
            using OwnedFd below = OpenBelow(image, source);
            int answer = Sys.open_tree(below.Value, "", (uint)AT.EMPTY_PATH | MOUNT.OPEN_TREE_CLONE);
            if (Sys.Is(answer, Errno.EINVAL))
                throw new ContainerException(ContainerErrorKind.Unsupported, $"a path of image '{source.Volume}', which has several layers, cannot be mounted before Linux 6.15") { Hint = "mount the whole image" };
            return OwnedFd.FromAnswer(answer, "open_tree", source.Volume);
        }
    }

    private static OwnedFd OpenBelow(OwnedFd data, MountSource source)
    {
        int answer;
        do
            answer = Sys.openat2(data.Value, source.Subpath!, (ulong)O.PATH, RESOLVE.BENEATH | RESOLVE.NO_MAGICLINKS);
        while (Sys.Is(answer, Errno.EAGAIN)); // a rename meanwhile: the kernel could not tell whether a '..' led out
        (string kind, string name) = source.Layers is null ? ("volume", source.VolumeName) : ("image", source.Volume);
        string what = $"path '{source.Subpath}' of {kind} '{name}'";
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR))
            throw new ContainerException(ContainerErrorKind.NotFound, $"{what} does not exist") { Hint = source.Layers is null ? "mount the whole volume once, and make it there" : null };
        if (Sys.Is(answer, Errno.EXDEV) || Sys.Is(answer, Errno.ELOOP))
            throw new ContainerException(ContainerErrorKind.Conflict, $"{what} leads out of the {kind}");
        return OwnedFd.FromAnswer(answer, "open", what);
    }
}
