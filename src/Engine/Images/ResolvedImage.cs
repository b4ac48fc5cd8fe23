using Rundlet.Images.Layers;
using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;

namespace Rundlet.Engine.Images;

/// <summary>An image that containers can be made of: its layers are unpacked.</summary>
/// <param name="Id">The digest of its configuration.</param>
/// <param name="Manifest">The digest of its manifest: its key in the database.</param>
/// <param name="Config">How to run it.</param>
/// <param name="ChainIds">Its layers, lowest first.</param>
/// <param name="ReadOnly">Its files, as an overlay that nobody can write to; of a single layer the kernel makes none.</param>
public sealed record ResolvedImage(string Id, string Manifest, ContainerConfig Config, IReadOnlyList<Digest> ChainIds, OverlayMount ReadOnly)
{
    /// <summary>Finds a user, and further groups, as the image knows them.</summary>
    /// <exception cref="ContainerException">InvalidArgument: no such user or group.</exception>
    public ContainerUser LookUp(LayerStore layers, string user, IReadOnlyList<string> groups)
    {
        using OwnedFd root = OpenFiles(layers);
        return ContainerUser.Find(new FolderRootFiles(root.Value), user, groups);
    }

    /// <summary>Opens the image's files as a container sees them.</summary>
    /// <exception cref="ContainerException">NotFound: a layer is gone.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public OwnedFd OpenFiles(LayerStore layers) => ChainIds.Count == 1 ? layers.OpenFiles(ChainIds[0]) : ReadOnly.Open();
}
