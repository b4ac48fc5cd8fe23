using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.Snapshots;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Volumes;

/// <summary>
/// The first files of a volume: an empty one gets what the image has at its place, with owners, modes, attributes, times and links, and
/// becomes itself like that folder. All or nothing, whoever is killed; of two containers that come at once, one copies and the other waits.
/// </summary>
internal static class VolumeFill
{
    /// <summary>Makes the folders of a container's volumes, and fills those that are empty.</summary>
    /// <param name="store">The volumes.</param>
    /// <param name="options">The container's options, all mounts with names.</param>
    /// <param name="openImage">Opens the image's files; called when they are needed.</param>
    /// <exception cref="ContainerException">Conflict: the image has a file at the place of a volume; Unavailable: the disk is full.</exception>
    public static void Run(VolumeStore store, ContainerOptions options, Func<OwnedFd> openImage)
    {
        OwnedFd? image = null;
        try
        {
            foreach (MountOption mount in options.Mounts)
            {
                if (mount.Kind != MountKind.Volume)
                    continue;
                VolumeRecord volume = store.Get(mount.Source);
                store.Prepare(volume);
                if (mount.Volume is { NoCopy: true } or { Subpath: not null } || !Needs(store, volume))
                    continue;
                image ??= openImage();
                using OwnedFd? source = OpenSource(image, mount);
                if (source is not null)
                    Fill(store, mount, source, durable: !options.AutoRemove);
            }
        }
        finally
        {
            image?.Dispose();
        }
    }

    // In this order: while somebody fills it, it has files before it has all. One with a file system of its own is looked at when it is claimed.
    private static bool Needs(VolumeStore store, VolumeRecord volume)
    {
        if (VolumeOptions.FileSystemOf(volume.Options) is { } system)
            return !system.IsVolatile;
        using VolumeFiles files = VolumeFiles.Open(store, volume);
        return files.IsEmpty() || store.Get(volume.Name).Claim is { Purpose: VolumeClaim.Fill };
    }

    private static void Fill(VolumeStore store, MountOption mount, OwnedFd source, bool durable)
    {
        try
        {
            store.WhileFilling(mount.Source, volume =>
            {
                using VolumeFiles? files = VolumeFiles.TryOpenAlone(store, volume);
                if (files?.IsEmpty() == true) // nobody was faster
                    VolumeStage.Apply(files.Stage.Value, files.Data.Value, stage => CopiedRoot.Apply(source.Value, stage.Value), durable);
            });
        }
        catch (ContainerException failed)
        {
            throw new ContainerException(failed.Kind, $"copy the image's '{mount.Destination}' to volume '{mount.Source}'", failed);
        }
        catch (LinuxException failed)
        {
            ContainerErrorKind kind = failed.IsDiskFull ? ContainerErrorKind.Unavailable : ContainerErrorKind.Internal;
            throw new ContainerException(kind, $"copy the image's '{mount.Destination}' to volume '{mount.Source}'", failed);
        }
    }

    /// <summary>What the image has at the volume's place, as a container would see it; null for nothing.</summary>
    private static OwnedFd? OpenSource(OwnedFd image, MountOption mount)
    {
        int answer;
        do
            answer = Sys.openat2(image.Value, mount.Destination, O.PATH | O.CLOEXEC, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS);
        while (Sys.Is(answer, Errno.EAGAIN)); // a race of a '..' in a link with some rename on the machine could not be ruled out
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR) || Sys.Is(answer, Errno.ELOOP))
            return null;
        OwnedFd found = OwnedFd.FromAnswer(answer, "open", mount.Destination);
        int stated = Sys.statx(found.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t stat);
        if (stated >= 0 && (stat.stx_mode & S.IFMT) == S.IFDIR)
            return found;
        found.Dispose();
        LinuxException.ThrowIfError(stated, "stat", mount.Destination);
        throw new ContainerException(ContainerErrorKind.Conflict, $"cannot mount volume '{mount.Source}' on '{mount.Destination}': the image has a file there");
    }
}
