using Rundlet.Engine.Images;
using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.Volumes;
using Rundlet.Images.Snapshots;
using Rundlet.Linux;
using Rundlet.Linux.Labels;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>The SELinux labels of containers and of the files that they are made of. Nothing is done where SELinux does not run.</summary>
internal static class ContainerLabels
{
    /// <summary>The options with the whole label, but for categories that must be unique.</summary>
    /// <exception cref="ContainerException">InvalidArgument: see <see cref="LabelChoice.For"/>.</exception>
    public static ContainerOptions Complete(ContainerEngine engine, ContainerOptions options)
    {
        if (!SelinuxHost.IsOn)
            return options;
        List<string?> joined = [];
        foreach (string? mode in (string?[])[options.Namespaces.Ipc, options.Namespaces.Pid])
        {
            if (NamespaceOptions.ContainerOf(mode) is { } other)
                joined.Add(InspectContainer.SpecOf(engine, engine.Containers.Get(other)).Process?.SelinuxLabel);
        }
        return With(options, LabelChoice.For(options, SelinuxContexts.OfHost, joined));
    }

    /// <summary>The options with another label.</summary>
    public static ContainerOptions With(ContainerOptions options, SelinuxOptions label) => options with { Security = options.Security with { Selinux = label } };

    /// <summary>Lets the container reach its files: the layers of its image, or its copy of them, and the files that know names.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Apply(ContainerEngine engine, string folder, ContainerOptions options, ResolvedImage image, StorageDriver storage)
    {
        SelinuxOptions label = options.Security.Selinux;
        if (label.MountLabel is not { } files || label.SharedLabel is not { } shared || !SelinuxHost.IsOn)
            return;
        if (storage == StorageDriver.Copy)
        {
            using OwnedFd root = FileIo.Open(Sys.AT_FDCWD, $"{folder}/rootfs", O.PATH | O.DIRECTORY | O.NOFOLLOW);
            TreeLabels.Apply(root.Value, files, $"{folder}/rootfs");
        }
        else if (SelinuxContexts.OfHost is { } contexts)
        {
            IEnumerable<Digest> mounted = ContainerMounts.ImagesOf(options).SelectMany(manifest => engine.Images.Resolve(Digest.Parse(manifest)).ChainIds);
            foreach (Digest layer in image.ChainIds.Concat(mounted))
                LabelLayer(engine, layer, contexts.ReadOnlyFile.ToString());
        }
        // Who shares a network shares its names: they become readable to both.
        bool isJoined = NamespaceOptions.ContainerOf(options.Network) is not null;
        foreach ((_, string path) in NameFiles.MountsOf(engine.Paths, folder, options))
            LabelFile(path, isJoined && !path.StartsWith(folder, StringComparison.Ordinal) ? shared : files);
    }

    /// <summary>Gives a file of the engine's, made for a container, the container's label.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void LabelFor(ContainerOptions options, int fd, string path)
    {
        if (options.Security.Selinux.MountLabel is { } label && SelinuxHost.IsOn)
            SelinuxHost.Label(fd, label, path);
    }

    // A layer is unpacked once and run by many: where it is labelled as a whole, its root says so. The kernel asks for the label of the file
    // beneath the overlay where a program maps its libraries.
    private static void LabelLayer(ContainerEngine engine, Digest layer, string label)
    {
        using OwnedFd files = engine.Images.Store.Layers.OpenFiles(layer);
        if (!TreeLabels.Has(files.Value, label))
            TreeLabels.Apply(files.Value, label, $"layer {layer}");
    }

    private static void LabelFile(string path, string label)
    {
        using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.NOFOLLOW);
        SelinuxHost.Label(file.Value, label, path);
    }
}
