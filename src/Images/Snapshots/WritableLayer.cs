using Rundlet.Images.Files;
using Rundlet.Images.Layers;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Snapshots;

/// <summary>
/// What a container writes: <c>upper</c> and overlayfs' <c>work</c> in the container's folder. Nothing is mounted on the host; whoever
/// needs the files opens the description that is made here as a detached mount.
/// <code>
/// containers/ID/upper            written by the container
/// containers/ID/work             the kernel's
/// layers/CHAIN-ID/fs  (top)  ┐
/// layers/CHAIN-ID/fs         │   shared, never written
/// layers/CHAIN-ID/fs (bottom)┘
/// </code>
/// </summary>
public static class WritableLayer
{
    private const string UpperName = "upper", WorkName = "work";

    /// <summary>Makes the two folders; the upper one looks like the root of the topmost layer, since it becomes the container's root.</summary>
    /// <param name="container">An fd of the container's folder, on the file system of the layers.</param>
    /// <param name="store">Where the layers are.</param>
    /// <param name="chainIds">The layers, lowest first, at least one.</param>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.NotFound"/>: a layer is not there.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Create(int container, LayerStore store, IReadOnlyList<Digest> chainIds)
    {
        using OwnedFd top = store.OpenFiles(chainIds[^1]);
        LinuxException.ThrowIfError(Sys.statx(top.Value, "", AT.EMPTY_PATH, STATX.BASIC_STATS, out statx_t stat), "stat layer", chainIds[^1].ToString());
        using OwnedFd upper = StoreFolder.Ensure(container, UpperName);
        LinuxException.ThrowIfError(Sys.fchownat(upper.Value, "", stat.stx_uid, stat.stx_gid, AT.EMPTY_PATH), "change owner", UpperName);
        LinuxException.ThrowIfError(Sys.fchmod(upper.Value, stat.stx_mode & 0xfffu), "change mode", UpperName);
        StoreFolder.Ensure(container, WorkName).Dispose();
    }

    /// <summary>Describes the overlay of a container.</summary>
    /// <param name="containerPath">Absolute path of the container's folder.</param>
    /// <param name="storePath">Absolute path of the image store.</param>
    /// <param name="chainIds">The layers, lowest first, at least one.</param>
    public static OverlayMount Describe(string containerPath, string storePath, IReadOnlyList<Digest> chainIds) =>
        DescribeReadOnly(storePath, chainIds) with { Upper = $"{containerPath}/{UpperName}", Work = $"{containerPath}/{WorkName}" };

    /// <summary>Describes an overlay of the image alone, which nobody can write to.</summary>
    /// <remarks>Of a single layer the kernel makes no overlay without an upper one; open its folder instead.</remarks>
    /// <inheritdoc cref="Describe" path="/param"/>
    public static OverlayMount DescribeReadOnly(string storePath, IReadOnlyList<Digest> chainIds) =>
        new() { Lower = [.. chainIds.Reverse().Select(chainId => $"{storePath}/layers/{LayerStore.PathOf(chainId)}")] };

    /// <summary>Removes what the container wrote.</summary>
    /// <exception cref="LinuxException">The kernel refused; <c>EBUSY</c>: something is mounted inside.</exception>
    public static void Remove(int container)
    {
        TreeRemover.Remove(container, WorkName);
        TreeRemover.Remove(container, UpperName);
    }
}
