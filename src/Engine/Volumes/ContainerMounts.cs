using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Volumes;

/// <summary>From what the user, other containers and the image say about mounts to all mounts of a container.</summary>
internal static class ContainerMounts
{
    /// <summary>
    /// The options with all mounts, each volume with its name. A place belongs to the user's own mount, else to that of another container
    /// (<c>--volumes-from</c>, the last one named wins), else to the image's.
    /// </summary>
    /// <exception cref="ContainerException">InvalidArgument: two mounts of the user's on one place; NotFound: no such container.</exception>
    public static ContainerOptions Complete(ContainerEngine engine, ContainerOptions options, ContainerConfig image)
    {
        if (options.Mounts.Count == 0 && options.VolumesFrom.Count == 0 && image.Volumes is not { Count: > 0 })
            return options;
        List<MountOption> mounts = [];
        foreach (MountOption mount in options.Mounts)
        {
            if (mounts.Exists(other => other.Destination == mount.Destination))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"two mounts on '{mount.Destination}'");
            mounts.Add(mount switch
            {
                { Kind: MountKind.Volume, Source.Length: 0 } => mount with { Source = VolumeName.MakeUp() },
                { Kind: MountKind.Image } when options.Namespaces.HasUsers => throw new ContainerException(ContainerErrorKind.Unsupported, $"image '{mount.Source}' cannot be mounted on '{mount.Destination}' with --userns: its files would have other ids"),
                { Kind: MountKind.Image } => mount with { Image = mount.Image! with { Manifest = engine.Images.Resolve(mount.Source).Manifest } },
                _ => mount,
            });
        }
        foreach (string from in options.VolumesFrom.Reverse())
            mounts.AddRange(MountsOf(engine, from).Where(mount => !mounts.Exists(other => other.Destination == mount.Destination)));
        foreach (string volume in image.Volumes ?? [])
        {
            // What an image says is resolved in its root: "/../x" is "/x".
            string destination = Path.GetFullPath(volume, "/");
            if (destination != "/" && !destination.Contains('\0') && !mounts.Exists(other => other.Destination == destination))
                mounts.Add(MountOption.OfImage(destination, VolumeName.MakeUp()));
        }
        return options with { Mounts = mounts };
    }

    /// <summary>The volumes among the mounts.</summary>
    public static IReadOnlyList<VolumeUse> UsesOf(ContainerOptions options, DateTimeOffset now) =>
    [
        .. from mount in options.Mounts
           where mount.Kind == MountKind.Volume
           let choice = mount.Volume ?? new()
           select new VolumeUse(new VolumeRecord { Name = mount.Source, Created = now, IsAnonymous = choice.IsAnonymous, Labels = choice.Labels, Options = choice.Options }, choice.IsAnonymous),
    ];

    /// <summary>The manifests of the images among the mounts.</summary>
    public static IReadOnlyList<string> ImagesOf(ContainerOptions options) =>
        [.. options.Mounts.Select(mount => mount.Image?.Manifest).OfType<string>().Distinct()];

    /// <summary>The volumes and images, as a supervisor opens them.</summary>
    public static IReadOnlyList<MountSource> SourcesOf(ContainerEngine engine, ContainerOptions options)
    {
        List<MountSource> sources = [];
        foreach (MountOption mount in options.Mounts)
        {
            if (mount is { Kind: MountKind.Image, Image: { Manifest: { } manifest } image })
                sources.Add(new MountSource { Destination = mount.Destination, Volume = mount.Source, Subpath = image.Subpath, IsReadOnly = true, Layers = engine.Images.Resolve(Digest.Parse(manifest)).ReadOnly.Lower });
            if (mount.Kind != MountKind.Volume)
                continue;
            FileSystemMount? system = VolumeOptions.FileSystemOf(engine.Volumes.Get(mount.Source).Options);
            sources.Add(new MountSource
            {
                Destination = mount.Destination,
                Volume = engine.Paths.Volume(mount.Source),
                Subpath = mount.Volume?.Subpath,
                IsReadOnly = !mount.IsWritable,
                FileSystem = system,
            });
        }
        return sources;
    }

    // CONTAINER[:ro|rw]: its volumes and bind mounts.
    private static IEnumerable<MountOption> MountsOf(ContainerEngine engine, string text)
    {
        int colon = text.IndexOf(':');
        string mode = colon < 0 ? "" : text[(colon + 1)..];
        if (mode is not ("" or "ro" or "rw") || colon == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid --volumes-from '{text}'") { Hint = "want CONTAINER, CONTAINER:ro or CONTAINER:rw" };
        ContainerRecord other = engine.Containers.Get(colon < 0 ? text : text[..colon]);
        foreach (MountOption mount in InspectContainer.OptionsOf(other).Mounts)
        {
            if (mount.Kind is MountKind.Tmpfs or MountKind.Image)
                continue;
            // What is one container's alone must not be taken from it by who looks on.
            MountOption theirs = mount.Relabel == MountOption.PrivateLabel ? mount with { Relabel = null } : mount;
            yield return mode == "ro" && mount.IsWritable
                ? theirs with { Options = [.. mount.Options.Where(option => option != "rw"), mount.Options.Contains("bind") ? "ro" : "rro"], Mode = "ro" }
                : theirs;
        }
    }
}
